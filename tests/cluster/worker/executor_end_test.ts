import { assertEquals, assertMatch } from "@std/assert";
import { describeExecutorEnd } from "../../../cluster/worker/executor_end.ts";
import type { ExecutorEnd } from "../../../cluster/worker/executor_end.ts";
import { readKernelKills } from "../../../cluster/worker/process_memory.ts";

const END: ExecutorEnd = {
  pid: 4711,
  taskName: "optimise",
  exit: { code: 1, signal: null },
  problem: "the connection closed",
  killedFor: undefined,
  memoryLimitBytes: 512 * 2 ** 20,
  ownBytes: 600 * 2 ** 20,
  peakBytes: 700 * 2 ** 20,
  kernelKilled: false,
  lastWords: [],
};
const KILLED = { code: 137, signal: "SIGKILL" };

Deno.test("describeExecutorEnd() tells a kill of the kernel for want of memory from one by somebody", () => {
  const byKernel = describeExecutorEnd({ ...END, exit: KILLED, kernelKilled: true });
  assertEquals([byKernel.kind, byKernel.name], ["out_of_memory", "OutOfMemory"]);
  assertEquals(
    byKernel.message,
    "optimise ran out of memory: the kernel killed its executor (process 4711) (SIGKILL). " +
      "Its limit is 512 MiB (resources.memoryBytes). Its peak memory was at least 700 MiB",
  );
  const bySomebody = describeExecutorEnd({ ...END, exit: KILLED });
  assertEquals(bySomebody.kind, "crashed");
  assertMatch(bySomebody.message, /was killed by somebody \(SIGKILL\)/);
});

Deno.test("describeExecutorEnd() names V8's, Rust's and C++'s last words on memory the same way", () => {
  const words = [
    "# Fatal JavaScript out of memory: Reached heap limit",
    "memory allocation of 1099511627776 bytes failed",
    "terminate called after throwing an instance of 'std::bad_alloc'",
  ];
  for (const line of words) {
    const exit = { code: 134, signal: "SIGABRT" };
    const error = describeExecutorEnd({ ...END, exit, lastWords: ["before", line, "after"] });
    assertEquals(error.kind, "out_of_memory");
    assertMatch(error.message, /ended by SIGABRT, saying "/);
  }
});

Deno.test("describeExecutorEnd() takes a kill by the daemon for what it was done for, whatever was printed", () => {
  const lastWords = ["Fatal JavaScript out of memory"];
  const onRequest = { ...END, exit: KILLED, killedFor: "request", lastWords } as const;
  assertEquals(describeExecutorEnd(onRequest).kind, "crashed");
  const overLimit = describeExecutorEnd({ ...END, exit: KILLED, killedFor: "memory" });
  assertEquals(overLimit.kind, "out_of_memory");
  assertMatch(overLimit.message, /had 600 MiB and was killed\. Its limit is 512 MiB/);
});

Deno.test("describeExecutorEnd() keeps what tells of the last words, and says when it ended the process itself", () => {
  const lastWords = ["error: Uncaught RangeError: no", "    at f (file:///x.ts:1:1)", "", "#"];
  const { message } = describeExecutorEnd({ ...END, lastWords });
  assertMatch(
    message,
    /exit code 1\. .* 700 MiB\. Its last words: error: Uncaught RangeError: no$/,
  );
  const garbled = describeExecutorEnd({ ...END, exit: undefined, killedFor: "request" });
  assertMatch(
    garbled.message,
    /was ended, since it could not be understood: the connection closed/,
  );
});

Deno.test("readKernelKills() adds the counts of machine and control group, and is 0 where there are none", async () => {
  const root = await Deno.makeTempDir();
  assertEquals(readKernelKills(root), 0);
  await Deno.mkdir(`${root}/proc`);
  await Deno.writeTextFile(`${root}/proc/vmstat`, "pgfault 5\noom_kill 3\nswap_ra 0\n");
  assertEquals(readKernelKills(root), 3);
  await Deno.mkdir(`${root}/sys/fs/cgroup`, { recursive: true });
  await Deno.writeTextFile(`${root}/sys/fs/cgroup/memory.events`, "oom 4\noom_kill 2\n");
  assertEquals(readKernelKills(root), 5);
  await Deno.remove(root, { recursive: true });
});
