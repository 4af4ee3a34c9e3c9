import { assert, assertEquals } from "@std/assert";
import { NodeLog } from "../../../../cluster/worker/output/node_log.ts";
import type { LogLine } from "../../../../cluster/protocol/log_line.ts";

interface ScriptedHead {
  readonly url: string;
  /** The lines that it took, in their order. */
  readonly taken: LogLine[];
  /** Answers of the next requests; afterwards all are taken. */
  readonly answers: number[];
  requests: number;
}

async function withLog(
  test: (log: NodeLog, head: ScriptedHead, logPath: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const taken: LogLine[] = [];
  const answers: number[] = [];
  const head = { url: "", taken, answers, requests: 0 };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      head.requests++;
      const text = await request.text();
      const status = answers.shift() ?? 204;
      assertEquals(request.headers.get("authorization"), "Bearer secret");
      assertEquals(new URL(request.url).searchParams.get("node"), "w1");
      if (status === 204) taken.push(...text.split("\n").map((line) => JSON.parse(line)));
      return new Response(null, { status });
    },
  );
  head.url = `http://127.0.0.1:${server.addr.port}`;
  const logPath = `${folder}/w1.jsonl`;
  const log = new NodeLog({ headUrl: head.url, token: "secret", workerId: "w1", logPath });
  try {
    await test(log, head, logPath);
  } finally {
    await log[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

function line(text: string) {
  const time = new Date().toISOString();
  return { stream: "stdout", time, run: "r", task: "t", attempt: 1, name: "n", text } as const;
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2_000 && !condition(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(condition());
}

Deno.test("NodeLog numbers its lines, keeps them in its file and sends them in order, again after the head was away", () =>
  withLog(async (log, head, logPath) => {
    head.answers.push(503, 503);
    log.task(line("a"));
    log.notice("b");
    await until(() => head.taken.length === 2);
    log.task(line("c"));
    await until(() => head.taken.length === 3);
    const told = head.taken.map(({ node, line, text }) => [node, line, text]);
    assertEquals(told, [["w1", 1, "a"], ["w1", 2, "b"], ["w1", 3, "c"]]);
    assertEquals(head.requests, 4);
    const kept = (await Deno.readTextFile(logPath)).trim().split("\n").map((each) =>
      JSON.parse(each)
    );
    assertEquals(kept, head.taken);
  }));

Deno.test("NodeLog says how many lines it dropped when they come faster than they can be written", () =>
  withLog(async (log, head) => {
    const text = "x".repeat(1_000);
    const count = 6_000;
    for (let i = 0; i < count; i++) log.task(line(text));
    const dropped = () =>
      head.taken.map((each) => /^… (\d+) lines dropped: tasks wrote/.exec(each.text)?.[1])
        .find((number) => number !== undefined);
    await until(() => dropped() !== undefined);
    const untold = () =>
      head.taken.map((each) => /^… (\d+) lines dropped: the head/.exec(each.text)?.[1])
        .reduce((sum, number) => sum + Number(number ?? 0), 0);
    const kept = () => head.taken.filter((each) => each.stream === "stdout").length;
    await until(() => kept() + Number(dropped()) + untold() === count);
    assert(kept() > 3_000 && kept() < count);
  }));

Deno.test("NodeLog sends its last lines when it is closed, and gives up on a head that is not there", () =>
  withLog(async (log, head) => {
    log.task(line("last"));
    await log[Symbol.asyncDispose]();
    assertEquals(head.taken.map(({ text }) => text), ["last"]);
    const logPath = `${await Deno.makeTempDir()}/w2.jsonl`;
    const lonely = new NodeLog({
      headUrl: "http://127.0.0.1:1",
      token: "secret",
      workerId: "w2",
      logPath,
    });
    lonely.notice("nobody hears this");
    await lonely[Symbol.asyncDispose]();
    assertEquals((await Deno.readTextFile(logPath)).includes("nobody hears this"), true);
  }));
