import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { TaskFailedError } from "../../../cluster/client/mod.ts";
import type { OutputLine } from "../../../cluster/protocol/log_line.ts";
import { clusterTests } from "./cluster_test_case.ts";
import type { Trial } from "./cluster_test_case.ts";

const clusterTest = clusterTests(new URL("./unruly_tasks.ts", import.meta.url).href);

const MEBIBYTE = 2 ** 20;
const RETRY = { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 };

async function failureOf(task: Promise<unknown>): Promise<TaskFailedError> {
  return await assertRejects(() => task, TaskFailedError);
}

/** The lines that tasks wrote, by the file of the first worker. */
async function linesOf({ folder }: Trial): Promise<OutputLine[]> {
  const text = await Deno.readTextFile(`${folder}/logs/tasks.jsonl`).catch(() => "");
  return text.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

async function untilLines(trial: Trial, isEnough: (lines: OutputLine[]) => boolean) {
  for (let tries = 0; tries < 1_000; tries++) {
    const lines = await linesOf(trial);
    if (isEnough(lines)) return lines;
    await delay(20);
  }
  throw new Error(`The lines did not come: ${JSON.stringify(await linesOf(trial))}`);
}

clusterTest(
  "a task that fills V8's heap fails as out_of_memory with its limit and its peak; the next one runs",
  1,
  async ({ run }) => {
    const options = { resources: { cpus: 1, memoryBytes: 128 * MEBIBYTE } };
    const error = await failureOf(run("fillHeap", [], options));
    assertEquals([error.kind, error.causeName], ["out_of_memory", "OutOfMemory"]);
    assertMatch(
      error.reason,
      /^fillHeap ran out of memory: .*Its limit is 128 MiB .*Its peak memory was at least \d+ MiB/,
    );
    assertEquals(typeof await run("pid", []), "number");
  },
);

clusterTest(
  "a task whose buffers grow past the node's memory per slot is killed; one that asks for enough is not",
  1,
  async ({ run }) => {
    const error = await failureOf(run("fillBuffers", [400]));
    assertEquals(error.kind, "out_of_memory");
    assertMatch(error.message, /had \d+ MiB and was killed\. Its limit is 160 MiB/);
    const options = { resources: { cpus: 1, memoryBytes: 1_000 * MEBIBYTE } };
    assertEquals(await run("fillBuffers", [400], options), 25);
  },
  { memoryPerSlotBytes: 160 * MEBIBYTE },
);

clusterTest(
  "running out of memory is a failure like others: it is retried when the task says so",
  1,
  async ({ run, folder }) => {
    const options = { resources: { cpus: 1, memoryBytes: 128 * MEBIBYTE }, retry: RETRY };
    assertEquals(await run("fillHeapOnce", [`${folder}/writable/flag`], options), "second");
  },
);

clusterTest(
  "an executor that keeps too much memory after its task is replaced by a warm one",
  1,
  async ({ run, cluster: { client } }) => {
    const hoarder = await run<number>("hoard", [600]);
    let executors = (await client.status()).workers[0].executors;
    for (let tries = 0; tries < 200 && executors.length < 2; tries++) {
      await delay(100);
      executors = (await client.status()).workers[0].executors;
    }
    const successor = await run<number>("pid", []);
    assertNotEquals(successor, hoarder);
    assertEquals(successor, executors[1].pid);
  },
);

clusterTest(
  "a crash in native code, an exit and an unhandled rejection fail their attempt alone, each named",
  1,
  async ({ run }) => {
    const ends: [string, unknown[], RegExp][] = [
      ["abort", [], /ended by SIGABRT\. Its peak memory was at least \d+ MiB/],
      ["segfault", [], /ended by SIGSEGV\. Its peak memory was at least \d+ MiB/],
      ["exit", [7], /ended with exit code 7\. Its peak memory was at least \d+ MiB/],
      ["exit", [0], /ended with exit code 0\./],
      ["rejectUnseen", [], /exit code 1\..*Its last words: .*RangeError: nobody looks at this/],
    ];
    for (const [exportName, args, message] of ends) {
      const [error, before, after] = await Promise.all([
        failureOf(run(exportName, args)),
        run("pid", []),
        run("pid", []),
      ]);
      assertEquals([error.kind, error.causeName], ["crashed", "ExecutorCrashed"]);
      assertMatch(error.message, message);
      assert(before && after);
    }
  },
);

clusterTest(
  "what tasks write is kept line by line with its stream, task and attempt",
  1,
  async (trial) => {
    const { cluster: { client } } = trial;
    const module = new URL("./unruly_tasks.ts", import.meta.url).href;
    const handles = ["a", "b", "c"].map((text) =>
      client.submit({ module, exportName: "write" }, [text], { name: `write-${text}`, runId: "r" })
    );
    await Promise.all(handles.map(({ result }) => result));
    const native = client.submit({ module, exportName: "writeNatively" }, ["from C\n"]);
    await native.result;
    const lines = await untilLines(trial, (found) => found.length >= 10);
    const written = handles.flatMap(({ taskId }, i) => {
      const text = "abc"[i];
      const about = { run: "r", task: taskId, name: `write-${text}` };
      return [
        { ...about, stream: "stdout", text: `log ${text}` },
        { ...about, stream: "stdout", text: `stdout ${text}` },
        { ...about, stream: "stderr", text: `error ${text}` },
      ];
    });
    const key = (line: object) => JSON.stringify(Object.entries(line).sort());
    const seen = lines.map(({ run, task, name, stream, text }) => ({
      run,
      task,
      name,
      stream,
      text,
    }));
    for (const line of written) assert(seen.map(key).includes(key(line)), JSON.stringify(line));
    assertEquals(lines.find(({ text }) => text === "from C")?.task, native.taskId);
    for (const { time, node, attempt } of lines) {
      assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assertMatch(node, /^local_/);
      assertEquals(attempt, 1);
    }
  },
);

clusterTest(
  "a flood of output is cut at the limit of an attempt, and the rest is counted",
  1,
  async (trial) => {
    const count = 60_000;
    assertEquals(await trial.run("flood", [count]), count);
    const lines = await untilLines(
      trial,
      (found) => found.some(({ text }) => text.includes("lines dropped: an attempt")),
    );
    const kept = lines.filter(({ text }) => text.startsWith("line "));
    // Those of which the head could not be told are in this file nevertheless.
    const dropped = lines
      .map(({ text }) => /^… (\d+) lines dropped: (an attempt|tasks wrote)/.exec(text)?.[1])
      .reduce((sum, number) => sum + Number(number ?? 0), 0);
    assertEquals(kept.length + dropped, count);
    assert(dropped > 0);
  },
);

clusterTest(
  "secrets of the submitting side show neither in the output nor in errors, however they are cut",
  1,
  async (trial) => {
    Deno.env.set("TV_TEST_API_KEY", "correct-horse-battery");
    const telling = failureOf(trial.run("tell", ["TV_TEST_API_KEY"]));
    Deno.env.delete("TV_TEST_API_KEY");
    const error = await telling;
    assertEquals(error.reason, "the value is ***");
    assertEquals({ ...error.cause as Error }, { value: "***" });
    assert(!error.remoteStack?.includes("horse"), error.remoteStack);
    const lines = await untilLines(trial, (found) => found.length > 0);
    assertEquals(lines.map(({ text }) => text), ["it is ***."]);
  },
);

clusterTest(
  "a task reaches the hosts that it asks for and the node's owner allows, reads what it may, and keeps a warm process",
  1,
  async ({ cluster: { client }, run, folder }) => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("hello"),
    );
    const url = `http://127.0.0.1:${server.addr.port}`;
    const usual = await failureOf(run("ask", [url]));
    assertEquals([usual.kind, usual.causeName], ["thrown", "NotCapable"]);
    const permissions = { net: ["127.0.0.1"], read: [`${folder}/writable`], ffi: false };
    assertEquals(await run("ask", [url], { permissions }), "hello");

    await Deno.writeTextFile(`${folder}/writable/in`, "within");
    await Deno.writeTextFile(`${folder}/out`, "without");
    assertEquals(await run("readFile", [`${folder}/writable/in`], { permissions }), "within");
    assertEquals(await run("readFile", [`${folder}/out`]), "without");
    const narrow = await failureOf(run("readFile", [`${folder}/out`], { permissions }));
    assertEquals(narrow.causeName, "NotCapable");
    const native = await failureOf(run("abort", [], { permissions }));
    assertEquals([native.kind, native.causeName], ["thrown", "NotCapable"]);

    const pids = [await run("pid", [], { permissions }), await run("pid", [])];
    assertNotEquals(pids[0], pids[1]);
    assertEquals([await run("pid", [], { permissions }), await run("pid", [])], pids);
    const { executors } = (await client.status()).workers[0];
    const shown = new Map(executors.map((each) => [each.pid, each.permissions]));
    const named = `net=127.0.0.1 read=${folder}/writable ffi=no`;
    assertEquals(pids.map((pid) => shown.get(pid as number)), [named, ""]);

    const elsewhere = { permissions: { net: ["10.0.0.1"] } };
    const refused = await failureOf(run("ask", [url], elsewhere));
    assertEquals([refused.kind, refused.causeName], ["refused", "PermissionRefused"]);
    assertMatch(refused.message, /reach 10\.0\.0\.1: this node allows 127\.0\.0\.1/);
  },
  { allowedNet: ["127.0.0.1"] },
);
