// Cost of the scheduler's decisions: `deno run --allow-run --allow-read tests/bench/scheduler_bench.ts`.
// Prints one line a case: queued tasks × workers, with the processor time of a task (all threads, the garbage collector's
// too; the least of some runs, as other work on the machine only adds to it) and the memory of the queue. Each run has a
// process of its own, like a head: no case inherits another's heap.
import { cpuUsage } from "node:process";
import { createScheduler, type SchedulerState, step } from "../../cluster/scheduler/mod.ts";
import type { SchedulerCommand, TaskSpec } from "../../cluster/scheduler/types.ts";

const SLOTS_PER_WORKER = 8;
const MEASURED_TASKS = 400_000;
const RUNS = 3;
const BATCH = 1_000;
const PAYLOAD = new Uint8Array(64);
const RESOURCES = { cpus: 1 };
const RETRY = { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 };
const NO_DEPENDENCIES: string[] = [];
const DONE = {
  type: "succeeded",
  result: { type: "inline", bytes: PAYLOAD },
  durationMs: 0.5,
} as const;

interface Placed {
  readonly workerId: string;
  readonly taskId: string;
  readonly attemptId: number;
}

function spec(index: number): TaskSpec {
  return {
    taskId: `task-${index}`,
    clientId: "client",
    name: "noop",
    payload: PAYLOAD,
    dependencies: NO_DEPENDENCIES,
    objects: [],
    resources: RESOURCES,
    priority: 0,
    retry: RETRY,
    runTimeoutMs: Infinity,
  };
}

/** A scheduler whose workers are full and which has `queued` tasks more. */
class Bench {
  readonly state: SchedulerState;
  readonly placed: Placed[] = [];
  #nextPlaced = 0;
  #submitted = 0;
  #nowMs = 0;
  events = 0;

  constructor(workers: number) {
    this.state = createScheduler({ epoch: 1, seed: 1 });
    for (let i = 0; i < workers; i++) {
      this.#take(
        step(this.state, {
          type: "WorkerJoined",
          workerId: `worker-${i}`,
          capacity: { cpus: SLOTS_PER_WORKER },
          held: [],
        }, 0),
      );
    }
  }

  submit(count: number): void {
    const specs = Array.from({ length: count }, () => spec(this.#submitted++));
    this.#take(step(this.state, { type: "TasksSubmitted", specs }, this.#nowMs));
    this.events++;
  }

  /** Ends the attempt that was placed first; the client releases the task. */
  finishOne(): void {
    const { workerId, taskId, attemptId } = this.placed[this.#nextPlaced++];
    if (this.#nextPlaced === 100_000) {
      this.placed.splice(0, this.#nextPlaced);
      this.#nextPlaced = 0;
    }
    const { state } = this;
    this.#nowMs += 0.001;
    this.#take(step(state, { type: "AttemptStarted", workerId, taskId, attemptId }, this.#nowMs));
    this.#take(
      step(state, { type: "AttemptEnded", workerId, taskId, attemptId, report: DONE }, this.#nowMs),
    );
    this.events += 2;
    this.#released.push(taskId);
    if (this.#released.length === BATCH) {
      step(state, { type: "TasksReleased", taskIds: this.#released }, this.#nowMs);
      this.#released = [];
      this.events++;
    }
  }

  #released: string[] = [];

  #take(commands: readonly SchedulerCommand[]): void {
    for (const command of commands) {
      if (command.type !== "StartAttempt") continue;
      const { workerId, attemptId, spec: { taskId } } = command;
      this.placed.push({ workerId, taskId, attemptId });
    }
  }
}

function memoryBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed;
}

/** Processor time of this process so far, in microseconds. */
function cpuMicros(): number {
  const { user, system } = cpuUsage();
  return user + system;
}

interface Cost {
  readonly submitMicros: number;
  readonly taskMicros: number;
  readonly eventsPerTask: number;
  readonly bytesPerTask: number;
}

function measure(workers: number, queued: number): Cost {
  const bench = new Bench(workers);
  const before = memoryBytes();
  let startMicros = cpuMicros();
  for (let i = 0; i < queued; i += BATCH) bench.submit(BATCH);
  const submitMicros = (cpuMicros() - startMicros) / queued;
  const bytesPerTask = (memoryBytes() - before) / queued;
  bench.events = 0;
  startMicros = cpuMicros();
  for (let done = 0; done < MEASURED_TASKS; done++) {
    bench.finishOne();
    if (done % BATCH === BATCH - 1) bench.submit(BATCH);
  }
  const taskMicros = (cpuMicros() - startMicros) / MEASURED_TASKS;
  return { submitMicros, taskMicros, bytesPerTask, eventsPerTask: bench.events / MEASURED_TASKS };
}

/** Measures in a process of its own. */
async function measureApart(workers: number, queued: number): Promise<Cost> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--v8-flags=--expose-gc",
      import.meta.filename ?? "",
      `${workers}`,
      `${queued}`,
    ],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)) as Cost;
}

async function printCase(workers: number, queued: number): Promise<void> {
  let best: Cost | undefined;
  for (let run = 0; run < RUNS; run++) {
    const cost = await measureApart(workers, queued);
    if (best === undefined || cost.taskMicros < best.taskMicros) best = cost;
  }
  if (best === undefined) return;
  print(
    `${queued} queued × ${workers} workers: ` +
      `submit ${best.submitMicros.toFixed(2)} µs/task, ` +
      `submit+start+end ${best.taskMicros.toFixed(2)} µs/task, ` +
      `${Math.round(1e6 * best.eventsPerTask / best.taskMicros)} events/s, ` +
      `${Math.round(best.bytesPerTask)} B/queued task with its spec`,
  );
}

function print(line: string): void {
  // deno-lint-ignore no-console -- the bench's output
  console.log(line);
}

const [workers, queued] = Deno.args.map(Number);
if (queued > 0) print(JSON.stringify(measure(workers, queued)));
else {
  for (const workers of [2, 1_000]) {
    for (const queued of [10_000, 100_000, 1_000_000]) await printCase(workers, queued);
  }
}
