// A head with very many queued tasks: `deno run -A tests/bench/queue/main.ts [--tasks N] [--fsync always|batch|off]`.
// Starts a real head, submits through the protocol, kills the head, starts it again, and says what each took.
import { parseArgs } from "@std/cli/parse-args";
import { decodeHeadToClientFrame } from "../../../cluster/protocol/codec.ts";
import { Connection } from "../../../cluster/protocol/connection.ts";
import { INITIAL_CREDITS } from "../../../cluster/protocol/limits.ts";
import type { HeadToClientMessage, WireTask } from "../../../cluster/protocol/messages.ts";
import { PROTOCOL_VERSION } from "../../../cluster/protocol/messages.ts";
import { encodeTaskPayload } from "../../../cluster/protocol/task_payload.ts";
import { HeadProcess } from "./head_process.ts";

const FRAME_TASKS = 2_000;
const MIB = 2 ** 20;

const CALL = {
  module: "file:///home/user/research/tasks.ts",
  exportName: "work",
  env: { TV_MODE: "production" },
};

function task(index: number): WireTask {
  return {
    taskId: `client_01J0000000000000000000000/${index}`,
    name: "work",
    payload: encodeTaskPayload(CALL, [index]),
    dependencies: [],
    objects: [],
    resources: { cpus: 1 },
    priority: 0,
    retry: { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 },
    runTimeoutMs: Infinity,
  };
}

/** A client that submits and asks, and keeps nothing. */
class Submitter {
  readonly #connection: Connection<HeadToClientMessage>;
  readonly #opened = Promise.withResolvers<void>();
  #credits = INITIAL_CREDITS;
  #allowed = Promise.withResolvers<void>();
  #answered = Promise.withResolvers<number>();

  constructor(headUrl: string, token: string) {
    this.#connection = new Connection<HeadToClientMessage>({
      headUrl,
      endpoint: "client",
      token,
      decode: decodeHeadToClientFrame,
      hello: () => ({ type: "ClientHello", protocol: PROTOCOL_VERSION, clientId: "bench" }),
      onOpen: () => this.#opened.resolve(),
      onMessage: (message) => {
        if (message.type === "SubmissionsAllowed") {
          this.#credits += message.tasks;
          this.#allowed.resolve();
          this.#allowed = Promise.withResolvers();
        } else if (message.type === "Status") {
          this.#answered.resolve(message.status.tasks.ready ?? 0);
        }
      },
      onLost: (error) => this.#answered.reject(error),
      patienceMs: 600_000,
    });
  }

  async submit(count: number): Promise<void> {
    await this.#opened.promise;
    for (let next = 0; next < count;) {
      while (this.#credits === 0) await this.#allowed.promise;
      const length = Math.min(FRAME_TASKS, count - next, this.#credits);
      const tasks = Array.from({ length }, (_, i) => task(next + i));
      this.#credits -= length;
      next += length;
      this.#connection.send([{ type: "SubmitTasks", tasks }]);
    }
  }

  async readyCount(): Promise<number> {
    await this.#opened.promise;
    this.#answered = Promise.withResolvers();
    this.#connection.send([{ type: "GetStatus", requestId: 0 }]);
    return await this.#answered.promise;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

async function main(): Promise<void> {
  const { tasks: tasksFlag, fsync } = parseArgs(Deno.args, { string: ["tasks", "fsync"] });
  const count = Number(tasksFlag ?? 1_000_000);
  const folder = await Deno.makeTempDir({ prefix: "tradewind-queue-bench-" });
  const flags = typeof fsync === "string" ? ["--fsync", fsync] : [];
  try {
    const first = await HeadProcess.start(folder, flags);
    const idle = first.memory();
    const submitter = new Submitter(first.url, first.token);
    let startMs = performance.now();
    await submitter.submit(count);
    check(await submitter.readyCount(), count);
    const submitS = (performance.now() - startMs) / 1e3;
    const full = first.memory();
    await submitter.close();
    await first.kill();
    const { size } = await Deno.stat(`${folder}/head.db`);
    startMs = performance.now();
    const second = await HeadProcess.start(folder, flags);
    const again = new Submitter(second.url, second.token);
    check(await again.readyCount(), count);
    const restartS = (performance.now() - startMs) / 1e3;
    const restored = second.memory();
    await again.close();
    await second.kill();
    report([
      ["tasks", String(count)],
      ["head without tasks", `${mebibytes(idle.residentBytes)} MiB`],
      ["submitted at", `${Math.round(count / submitS)} tasks/s`],
      [
        "head with them",
        `${mebibytes(full.residentBytes)} MiB, peak ${mebibytes(full.peakBytes)} MiB`,
      ],
      ["a task takes", `${Math.round((full.residentBytes - idle.residentBytes) / count)} B`],
      ["journal", `${mebibytes(size)} MiB`],
      ["killed, started again until it answers", `${restartS.toFixed(1)} s`],
      [
        "head then",
        `${mebibytes(restored.residentBytes)} MiB, peak ${mebibytes(restored.peakBytes)} MiB`,
      ],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function check(found: number, expected: number): void {
  if (found !== expected) throw new Error(`${found} tasks are ready, not ${expected}`);
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / MIB);
}

function report(lines: readonly (readonly [string, string])[]): void {
  // deno-lint-ignore no-console -- the bench's output
  for (const [name, value] of lines) console.log(`${name.padEnd(40)} ${value}`);
}

if (import.meta.main) await main();
