import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { attach } from "../../../../cluster/client/mod.ts";
import type { StoredLine } from "../../../../cluster/client/mod.ts";
import { Head } from "../../../../cluster/head/head.ts";

const TOKEN = "the token of a test";

function json(line: number, about: Record<string, unknown> = {}): string {
  return JSON.stringify({
    stream: "stdout",
    time: new Date().toISOString(),
    node: "w1",
    line,
    run: "r1",
    task: "c/1",
    attempt: 1,
    name: "f",
    text: `text ${line}`,
    ...about,
  });
}

async function post(head: Head, ...lines: string[]): Promise<[number, string]> {
  const response = await fetch(`${head.url}/logs?node=w1`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}` },
    body: lines.join("\n"),
  });
  return [response.status, await response.text()];
}

async function take(lines: AsyncGenerator<StoredLine>, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const { value, done } = await lines.next();
    if (done) break;
    texts.push(value.text);
  }
  return texts;
}

Deno.test("attach() gives the past and then what comes, over a restart of the head, nothing left out or twice", async () => {
  const stateDir = await Deno.makeTempDir();
  let head = new Head({ stateDir, token: TOKEN });
  const port = Number(new URL(head.url).port);
  await post(head, json(1), json(2));
  const ending = new AbortController();
  const breaks: string[] = [];
  const lines = attach({
    headUrl: head.url,
    token: TOKEN,
    signal: ending.signal,
    onBreak: (reason) => breaks.push(reason),
  });
  assertEquals(await take(lines, 2), ["text 1", "text 2"]);
  const next = take(lines, 1);
  await post(head, json(3));
  assertEquals(await next, ["text 3"]);
  const afterRestart = take(lines, 2);
  await head[Symbol.asyncDispose]();
  head = new Head({ stateDir, token: TOKEN, port });
  await post(head, json(3), json(4), json(5));
  assertEquals(await afterRestart, ["text 4", "text 5"]);
  assertEquals(breaks.length, 1);
  const last = lines.next();
  ending.abort();
  assertEquals((await last).done, true);
  await head[Symbol.asyncDispose]();
  await Deno.remove(stateDir, { recursive: true });
});

Deno.test("attach() without following ends with the last line; a wrong token is refused at once", async () => {
  const stateDir = await Deno.makeTempDir();
  const head = new Head({ stateDir, token: TOKEN });
  await post(head, json(1), json(2, { run: "r2" }));
  const options = { headUrl: head.url, token: TOKEN, follow: false };
  assertEquals((await Array.fromAsync(attach({ ...options, runId: "r2" }))).length, 1);
  assertEquals((await Array.fromAsync(attach({ ...options, maxAgeMs: 60_000 }))).length, 2);
  await assertRejects(
    () => Array.fromAsync(attach({ ...options, token: "wrong" })),
    Error,
    "refused the token",
  );
  await head[Symbol.asyncDispose]();
  await assertRejects(
    () => Array.fromAsync(attach({ ...options, patienceMs: 200 })),
    Error,
    "was away for 0 s",
  );
  await Deno.remove(stateDir, { recursive: true });
});

Deno.test("the log takes only whole lines of the node that sends them, and says what is wrong", async () => {
  const stateDir = await Deno.makeTempDir();
  const head = new Head({ stateDir, token: TOKEN });
  const wrong: [string, string][] = [
    ["nonsense", "line 1: it is no JSON"],
    [json(1, { node: "w2" }), "it is not of node w1"],
    [json(1, { text: 5 }), "line 1.text must be a text"],
    [json(1, { stream: "stdin" }), "stdout, stderr, notice"],
    [json(1, { text: "x".repeat(20_000) }), "longer than"],
  ];
  for (const [line, reason] of wrong) {
    const [status, said] = await post(head, line);
    assertEquals(status, 400);
    assertStringIncludes(said, reason);
  }
  const [tooMuch] = await post(head, "x".repeat(1_100_000));
  assertEquals(tooMuch, 413);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const bad = await fetch(`${head.url}/logs?after=x`, { headers });
  assertStringIncludes(await bad.text(), "after and since must be numbers");
  await head[Symbol.asyncDispose]();
  await Deno.remove(stateDir, { recursive: true });
});
