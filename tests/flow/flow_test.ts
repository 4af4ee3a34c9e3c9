import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import {
  AttemptTimedOutError,
  flow,
  FlowCancelledError,
  type FlowEvent,
  latestRun,
  runSignal,
  shared,
  task,
  TaskRunFailedError,
} from "../../src/flow/mod.ts";
import { alwaysFails, failsAtThree, square, sumOf } from "./cluster_tasks.ts";
import { FakeCluster } from "./fake_cluster.ts";
import { ManualClock } from "./manual_clock.ts";
import { withStore } from "./with_store.ts";

const module = import.meta.url;

/** A local task that counts its calls. */
function countingTask(options: { cache?: boolean; concurrency?: number } = {}) {
  const calls: number[] = [];
  const double = task("double", (x: number) => {
    calls.push(x);
    return 2 * x;
  }, { run: "local", module, ...options });
  return { calls, double };
}

/** Lets everything that is due run, without letting time pass. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("a task outside of a flow run is the plain function", async () => {
  assertEquals(await square(3), 9);
  assertEquals(await square.map([1, 2, 3]), [1, 4, 9]);
  assertEquals(await sumOf(shared(new Float64Array([1, 2])), square.submit(2)), 7);
});

Deno.test("a flow called as a function runs without a store", async () => {
  const sumOfSquares = flow("sum", async (xs: number[]) => (await square.map(xs)).length);
  assertEquals(await sumOfSquares([1, 2]), 2);
});

Deno.test("run() stores every state of a local task run, with times and reasons", async () => {
  await withStore(async (store) => {
    const { double } = countingTask();
    const clock = new ManualClock();
    const result = await flow("f", () => double(21)).run([], { store, runId: "r", clock });
    assertEquals(result, 42);
    const moves = store.runs.transitions("r").map(({ taskSeq, from, to }) => [taskSeq, from, to]);
    assertEquals(moves, [
      [null, null, "Pending"],
      [null, "Pending", "Running"],
      [1, null, "Pending"],
      [1, "Pending", "Running"],
      [1, "Running", "Completed"],
      [null, "Running", "Completed"],
    ]);
    assertEquals(store.runs.transitions("r")[0]!.atMs, clock.nowMs());
    const [taskRun] = store.runs.taskRuns("r");
    assertEquals([taskRun!.taskName, taskRun!.arguments, taskRun!.state, taskRun!.attempt], [
      "double",
      "21",
      "Completed",
      1,
    ]);
  });
});

Deno.test("run() takes from the cache what an earlier run computed", async () => {
  await withStore(async (store) => {
    const { calls, double } = countingTask();
    const doubles = flow("f", (xs: number[]) => double.map(xs));
    assertEquals(await doubles.run([[1, 2]], { store, runId: "a" }), [2, 4]);
    assertEquals(await doubles.run([[1, 2, 3]], { store, runId: "b" }), [2, 4, 6]);
    assertEquals(calls, [1, 2, 3]);
    assertEquals(store.runs.taskRuns("b").map((run) => run.state), [
      "Cached",
      "Cached",
      "Completed",
    ]);
  });
});

Deno.test("run() computes equal calls of one run once, though they start together", async () => {
  await withStore(async (store) => {
    const { calls, double } = countingTask();
    const twice = flow("f", () => Promise.all([double(1), double(1), double(1)]));
    assertEquals(await twice.run([], { store, runId: "r" }), [2, 2, 2]);
    assertEquals(calls, [1]);
  });
});

Deno.test("run() keeps no results of a task with cache: false", async () => {
  await withStore(async (store) => {
    const { calls, double } = countingTask({ cache: false });
    const once = flow("f", () => double(1));
    await once.run([], { store, runId: "a" });
    await once.run([], { store, runId: "b" });
    assertEquals(calls, [1, 1]);
  });
});

Deno.test("run() computes again what validate refuses, and says so", async () => {
  await withStore(async (store) => {
    let isThere = true;
    let calls = 0;
    const write = task("write", () => ++calls, { run: "local", module, validate: () => isThere });
    const once = flow("f", () => write());
    assertEquals(await once.run([], { store, runId: "a" }), 1);
    assertEquals(await once.run([], { store, runId: "b" }), 1);
    isThere = false;
    assertEquals(await once.run([], { store, runId: "c" }), 2);
    const started = store.runs.transitions("c").find((move) =>
      move.taskSeq === 1 && move.to === "Running"
    );
    assertEquals(started!.reason, "the cached result is not valid any more");
  });
});

Deno.test("run() names the task whose validate throws", async () => {
  await withStore(async (store) => {
    const validate = (): boolean => {
      throw new Error("the disk is gone");
    };
    const one = task("one", () => 1, { run: "local", module, validate });
    const once = flow("f", () => one());
    await once.run([], { store, runId: "a" });
    await assertRejects(
      () => once.run([], { store, runId: "b" }),
      TaskRunFailedError,
      "Task one() failed: the disk is gone",
    );
    assertEquals(store.runs.taskRuns("b").map((run) => run.state), ["Failed"]);
  });
});

Deno.test("run() sends cluster tasks by module and export name, and never connects when all is cached", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    const values = new Float64Array([1, 2, 3]);
    const total = flow("f", async () => {
      const reference = shared(values);
      const [a, b] = await Promise.all([sumOf(reference, 1), sumOf(reference, 2)]);
      return a + b;
    });
    assertEquals(await total.run([], { store, runId: "a", cluster: cluster.connect }), 15);
    assertEquals([cluster.starts, cluster.puts.length, cluster.submissions.length], [1, 1, 2]);
    assertEquals(cluster.submissions[0]!.fn.exportName, "sumOf");
    assertEquals(cluster.submissions[0]!.options, {
      name: "sum of",
      runId: "a",
      resources: { cpus: 2 },
      priority: 3,
      runTimeoutMs: 5000,
    });
    assertEquals(await total.run([], { store, runId: "b", cluster: cluster.connect }), 15);
    assertEquals([cluster.starts, cluster.puts.length, cluster.submissions.length], [1, 1, 2]);
  });
});

Deno.test("run() asks for a cluster where a task needs one and none was given", async () => {
  await withStore(async (store) => {
    const error = await assertRejects(
      () => flow("f", () => square(2)).run([], { store, runId: "r" }),
      TaskRunFailedError,
    );
    assert(error.cause instanceof UserError);
    assertMatch(error.message, /^Task square\(2\) failed: .* needs a cluster/);
  });
});

Deno.test("a submitted task as an argument stands for its result", async () => {
  await withStore(async (store) => {
    const { double } = countingTask();
    const cluster = new FakeCluster();
    const chain = flow("f", async () => await square(double.submit(3)));
    assertEquals(await chain.run([], { store, runId: "r", cluster: cluster.connect }), 36);
  });
});

Deno.test("run() waits for what was submitted, and fails with a failure that nobody asked for", async () => {
  await withStore(async (store) => {
    const { calls, double } = countingTask();
    const cluster = new FakeCluster();
    const quiet = flow("f", () => {
      double.submit(4);
      failsAtThree.submit(3);
      return "done";
    });
    await assertRejects(
      () => quiet.run([], { store, runId: "r", cluster: cluster.connect }),
      TaskRunFailedError,
      "Task fails at three(3) failed: three",
    );
    assertEquals(calls, [4]);
    assertEquals(store.runs.find("r")!.state, "Failed");
  });
});

Deno.test("map() gives results in the order of the inputs and keeps to its concurrency", async () => {
  await withStore(async (store) => {
    let running = 0, peak = 0;
    const slowFirst = task("slow first", async (x: number) => {
      peak = Math.max(peak, ++running);
      for (let turn = 10 - x; turn > 0; turn--) await Promise.resolve();
      running--;
      return x;
    }, { run: "local", concurrency: 3 });
    const inputs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const result = await flow("f", () => slowFirst.map(inputs)).run([], { store, runId: "r" });
    assertEquals(result, inputs);
    assertEquals(peak, 3);
  });
});

Deno.test("map() passes the same further arguments to each call", async () => {
  await withStore(async (store) => {
    const add = task("add", (x: number, y: number) => x + y, { run: "local" });
    const sums = flow("f", () => add.map(new Set([1, 2]), shared(10)));
    assertEquals(await sums.run([], { store, runId: "r" }), [11, 12]);
  });
});

Deno.test("map() starts nothing more after the first failure, cancels what runs, and names the task", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    const mapped = flow("f", () => failsAtThree.map([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
    const error = await assertRejects(
      () => mapped.run([], { store, runId: "r", cluster: cluster.connect }),
      TaskRunFailedError,
    );
    assertEquals(error.message, "Task fails at three(3) failed: three");
    assert(cluster.submissions.length < 10, `${cluster.submissions.length} were submitted`);
    for (const { state } of store.runs.taskRuns("r")) {
      assertMatch(state, /Failed|Cancelled|Completed/);
    }
  });
});

Deno.test("a task is tried again after growing delays, and its last error keeps stack and cause", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    const clock = new ManualClock();
    const events: FlowEvent[] = [];
    const run = flow("f", () => alwaysFails(5)).run([], {
      store,
      runId: "r",
      cluster: cluster.connect,
      clock,
      onEvent: (event) => events.push(event),
    });
    const failure = assertRejects(() => run, TaskRunFailedError);
    for (let attempt = 1; attempt <= 3; attempt++) {
      await cluster.submitted(attempt);
      while (clock.waiting === 0 && attempt < 3) await settle();
      clock.advance(30_000);
    }
    const error = await failure;
    assertEquals(
      error.message,
      "Task always-fails(5) failed in each of 3 attempts: no result for 5",
    );
    assertMatch(error.remoteStack!, /cluster_tasks\.ts/);
    const delays = events.flatMap((event) =>
      event.type === "TaskRunRetrying" ? [event.delayMs] : []
    );
    assertEquals(delays.length, 2);
    assert(delays[0]! < 500 && delays[1]! < 1000, `delays are ${delays}`);
    assertEquals(
      store.runs.transitions("r").filter((move) => move.taskSeq === 1).map((move) => move.to),
      ["Pending", "Running", "Retrying", "Running", "Retrying", "Running", "Failed"],
    );
  });
});

Deno.test("a local attempt that takes too long has its signal aborted and ends as TimedOut", async () => {
  await withStore(async (store) => {
    const clock = new ManualClock();
    let signal: AbortSignal | undefined;
    const hang = task("hang", () => {
      signal = runSignal();
      return new Promise<number>(() => {});
    }, { run: "local", timeoutMs: 50 });
    const run = flow("f", () => hang()).run([], { store, runId: "r", clock });
    const failure = assertRejects(
      () => run,
      TaskRunFailedError,
      "timed out: it took longer than 50 ms",
    );
    while (signal === undefined) await settle();
    clock.advance(49);
    assertEquals(signal.aborted, false);
    clock.advance(1);
    assert((await failure).cause instanceof AttemptTimedOutError);
    assertEquals(signal.aborted, true);
    assertEquals(clock.waiting, 0);
    assertEquals(store.runs.taskRuns("r")[0]!.state, "TimedOut");
  });
});

Deno.test("run() is cancelled by its signal: tasks are stopped, what was done is kept for the next execution", async () => {
  await withStore(async (store) => {
    const { calls, double } = countingTask();
    const cluster = new FakeCluster();
    cluster.hanging.add("square");
    const both = flow("f", async () => [await double(1), await square(3)]);
    const stop = new AbortController();
    const options = { store, runId: "r", cluster: cluster.connect };
    const cancelled = assertRejects(
      () => both.run([], { ...options, signal: stop.signal }),
      FlowCancelledError,
      "Run r was cancelled: enough",
    );
    await cluster.submitted(1);
    stop.abort(new Error("enough"));
    await cancelled;
    assertEquals(cluster.cancelled.map((fn) => fn.exportName), ["square"]);
    assertEquals(
      store.runs.transitions("r").slice(-4).map(({ taskSeq, to }) => [taskSeq, to]),
      [[null, "Cancelling"], [2, "Cancelling"], [2, "Cancelled"], [null, "Cancelled"]],
    );
    assertEquals(latestRun(store, "f", { unfinished: true })?.runId, "r");

    cluster.hanging.clear();
    assertEquals(await both.run([], options), [2, 9]);
    assertEquals(calls, [1]);
    assertEquals([store.runs.find("r")!.state, store.runs.find("r")!.execution], ["Completed", 2]);
    assertEquals(latestRun(store, "f", { unfinished: true }), undefined);
    assertEquals(latestRun(store, "f")?.runId, "r");
  });
});

Deno.test("run() ends only after the catch and finally blocks of a cancelled flow", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    cluster.hanging.add("square");
    const stop = new AbortController();
    const steps: string[] = [];
    const careful = flow("f", async () => {
      try {
        await square(1);
      } catch (error) {
        await settle();
        steps.push((error as Error).name);
      }
      await assertRejects(() => square(2), FlowCancelledError);
      steps.push("end");
    });
    const run = careful.run([], {
      store,
      runId: "r",
      cluster: cluster.connect,
      signal: stop.signal,
    });
    await cluster.submitted(1);
    stop.abort();
    await assertRejects(() => run, FlowCancelledError);
    assertEquals(steps, ["FlowCancelledError", "end"]);
    assertEquals(cluster.submissions.length, 1);
  });
});

Deno.test("run() leaves a cancelled flow behind that takes no notice", async () => {
  await withStore(async (store) => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const deaf = flow("f", () => new Promise<void>(() => {}));
    const run = deaf.run([], { store, runId: "r", clock, signal: stop.signal });
    const cancelled = assertRejects(() => run, FlowCancelledError);
    stop.abort();
    while (clock.waiting === 0) await settle();
    clock.advance(2000);
    await cancelled;
    assertEquals(store.runs.find("r")!.state, "Cancelled");
  });
});

Deno.test("run() cancels a retry that is being waited for", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    const clock = new ManualClock();
    const stop = new AbortController();
    const run = flow("f", () => alwaysFails(1)).run([], {
      store,
      runId: "r",
      cluster: cluster.connect,
      clock,
      signal: stop.signal,
    });
    const cancelled = assertRejects(() => run, FlowCancelledError);
    while (clock.waiting === 0) await settle();
    stop.abort();
    await cancelled;
    assertEquals([cluster.submissions.length, clock.waiting], [1, 0]);
    assertEquals(store.runs.taskRuns("r")[0]!.state, "Cancelled");
  });
});

Deno.test("run() refuses a signal that is aborted already, and makes no run", async () => {
  await withStore(async (store) => {
    const signal = AbortSignal.abort(new Error("too late"));
    await assertRejects(
      () => flow("f", () => 1).run([], { store, runId: "r", signal }),
      FlowCancelledError,
      "too late",
    );
    assertEquals(store.runs.find("r"), undefined);
  });
});

Deno.test("run() stops what is still running when the flow itself throws", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    cluster.hanging.add("square");
    const thrown = new Error("defect");
    const broken = flow("f", async () => {
      square.submit(1);
      await cluster.submitted(1);
      throw thrown;
    });
    const error = await assertRejects(() =>
      broken.run([], { store, runId: "r", cluster: cluster.connect })
    );
    assertStrictEquals(error, thrown);
    assertEquals(cluster.cancelled.length, 1);
    assertEquals(store.runs.taskRuns("r")[0]!.state, "Cancelled");
    assertEquals(store.runs.find("r")!.state, "Failed");
  });
});

Deno.test("onEvent is told of starts, ends and cache hits, with counts that add up", async () => {
  await withStore(async (store) => {
    const { double } = countingTask();
    const events: FlowEvent[] = [];
    const doubles = flow("f", (xs: number[]) => double.map(xs));
    await doubles.run([[1]], { store, runId: "a" });
    await doubles.run([[1, 2]], { store, runId: "b", onEvent: (event) => events.push(event) });
    const types = events.map((event) => event.type);
    assertEquals([types[0], types.at(-1)], ["FlowRunStarted", "FlowRunFinished"]);
    assertEquals(types.slice(1, -1).toSorted(), [
      "TaskRunCached",
      "TaskRunFinished",
      "TaskRunStarted",
    ]);
    assert(types.indexOf("TaskRunStarted") < types.indexOf("TaskRunFinished"));
    const last = events.at(-1)!;
    assert(last.type === "FlowRunFinished");
    assertEquals(last.counts, { Cached: 1, Completed: 1 });
    const finished = events.find((event) => event.type === "TaskRunFinished")!;
    assertMatch(finished.resultHash!, /^[0-9a-f]{64}$/);
    assertMatch(finished.cacheKey!, /^[0-9a-f]{64}$/);
  });
});

Deno.test("what onEvent throws fails the run", async () => {
  await withStore(async (store) => {
    const { double } = countingTask();
    const onEvent = (event: FlowEvent) => {
      if (event.type === "TaskRunStarted") throw new Error("the ledger is full");
    };
    await assertRejects(
      () => flow("f", () => double(1)).run([], { store, runId: "r", onEvent }),
      Error,
      "the ledger is full",
    );
    assertEquals(store.runs.find("r")!.state, "Failed");
  });
});

Deno.test("run() names the task whose result cannot be stored", async () => {
  await withStore(async (store) => {
    const opaque = task("opaque", () => new Map(), { run: "local", module });
    await assertRejects(
      () => flow("f", () => opaque()).run([], { store, runId: "r" }),
      TaskRunFailedError,
      "Task opaque() failed: Cannot store the result: Cannot encode an instance of Map",
    );
  });
});

Deno.test("run() names the task whose arguments cannot be hashed", async () => {
  await withStore(async (store) => {
    const apply = task("apply", (f: () => number) => f(), { run: "local", module });
    await assertRejects(
      () => flow("f", () => apply(() => 1)).run([], { store, runId: "r" }),
      TaskRunFailedError,
      "Task apply(function) failed: Cannot make a cache key of a function at args[0]",
    );
  });
});

Deno.test("run() refuses a run id that is being executed, and names the process", async () => {
  await withStore(async (store) => {
    const outer = flow("f", async () => {
      await flow("f", () => 1).run([], { store, runId: "r" });
    });
    const error = await assertRejects(() => outer.run([], { store, runId: "r" }), UserError);
    assertEquals(error.message, `Cannot run r: process ${Deno.pid} is executing it`);
  });
});

Deno.test("run() refuses a completed run, another flow's run and a bad run id", async () => {
  await withStore(async (store) => {
    await flow("f", () => 1).run([], { store, runId: "r" });
    const attempts: [string, string, string][] = [
      ["f", "r", "Cannot run r again: it is completed"],
      ["g", "r", 'Cannot run r as flow "g": it is a run of flow "f"'],
      ["f", "../r", 'Cannot use "../r" as a run id'],
    ];
    for (const [name, runId, message] of attempts) {
      await assertRejects(() => flow(name, () => 1).run([], { store, runId }), UserError, message);
    }
  });
});

Deno.test("task() refuses options that cannot be meant", () => {
  const make = (options: Record<string, unknown>) => () =>
    task("t", () => 1, { run: "local", ...options });
  assertThrows(make({ cache: true }), TypeError, "Cannot cache task t: its code is not known");
  assertThrows(make({ retries: -1 }), RangeError, "retries is -1");
  assertThrows(make({ timeoutMs: 0 }), RangeError, "timeoutMs is 0");
  assertThrows(make({ concurrency: NaN }), RangeError, "concurrency is NaN");
});
