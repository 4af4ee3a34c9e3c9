// The driver of our own engine: run by main.ts with a workload as its argument. Says one JSON line a measurement and
// waits for an answer on standard input where the observer has to look at memory.
import { startEmbeddedCluster } from "../../../cluster/client/mod.ts";
import type { EmbeddedCluster, TaskHandle } from "../../../cluster/client/mod.ts";
import type { Counter } from "./tasks.ts";
import { FSYNC_MODES } from "../../../cluster/head/fsync.ts";
import type { Workload } from "./workload.ts";
import { percentile } from "./statistics.ts";

const MODULE = new URL("./tasks.ts", import.meta.url).href;
const WORKERS = 2;
const NAP_RETRY = { maxAttempts: 4, baseDelayMs: 10, maxDelayMs: 100 };
const MEGABYTE = 1_000_000;

class Driver {
  readonly #cluster: EmbeddedCluster;
  readonly #workload: Workload;
  readonly #answers = Deno.stdin.readable.getReader();

  constructor(cluster: EmbeddedCluster, workload: Workload) {
    this.#cluster = cluster;
    this.#workload = workload;
  }

  async run(): Promise<void> {
    const work = this.#workload;
    check(await this.#submit("noop").result, null);
    say({ event: "FirstResult" });
    await this.#observe("Idle");
    say({ event: "Measured", values: await this.#latency() });
    await this.#rate("burstPerS", work.burstTasks, () => this.#burst());
    await this.#rate("valuePerS", work.valueTasks, () => this.#byValue());
    await this.#rate("referencePerS", work.referenceTasks, () => this.#byReference());
    await this.#rate("resultsPerS", work.resultTasks, () => this.#results());
    await this.#rate("treePerS", treeSize(work.treeLeaves), () => this.#tree());
    await this.#broadcast();
    await this.#actor();
    await this.#observe("MapStarts");
    await this.#rate("mapPerS", work.mapTasks, () => this.#map());
    await this.#observe("MapEnded");
    await this.#naps("napMs", false);
    await this.#naps("napKilledMs", true);
  }

  #submit<R>(exportName: string, ...args: unknown[]): TaskHandle<R> {
    return this.#cluster.client.submit<R>({ module: MODULE, exportName }, args);
  }

  async #latency(): Promise<Record<string, number>> {
    for (let i = 0; i < 20; i++) await this.#submit("noop").result;
    const durationsMs: number[] = [];
    for (let i = 0; i < this.#workload.sequentialTasks; i++) {
      const startMs = performance.now();
      check(await this.#submit("noop").result, null);
      durationsMs.push(performance.now() - startMs);
    }
    return { noopP50Ms: percentile(durationsMs, 0.5), noopP99Ms: percentile(durationsMs, 0.99) };
  }

  async #burst(): Promise<void> {
    const results = await this.#many(this.#workload.burstTasks, () => this.#submit("noop"));
    check(results.every((result) => result === null), true);
  }

  async #byValue(): Promise<void> {
    const arrays = Array.from(
      { length: this.#workload.valueTasks },
      (_, i) => new Uint8Array(MEGABYTE).fill(i),
    );
    const results = await this.#many(
      arrays.length,
      (i) => this.#submit<number>("lengthAndFirst", arrays[i]),
    );
    check(results.every((result, i) => result === MEGABYTE + i % 256), true);
  }

  async #byReference(): Promise<void> {
    const ref = await this.#cluster.client.put(new Uint8Array(MEGABYTE).fill(7));
    const results = await this.#many(
      this.#workload.referenceTasks,
      () => this.#submit<number>("lengthAndFirst", ref),
    );
    check(results.every((result) => result === MEGABYTE + 7), true);
  }

  async #results(): Promise<void> {
    const results = await this.#many(
      this.#workload.resultTasks,
      (i) => this.#submit<Uint8Array>("tenKilobytes", i),
    );
    check(results.every((bytes, i) => bytes.length === 10_000 && bytes[9_999] === i % 256), true);
  }

  async #tree(): Promise<void> {
    let level = Array.from(
      { length: this.#workload.treeLeaves },
      (_, i) => this.#submit<number>("add", i),
    );
    while (level.length > 1) {
      const parents: TaskHandle<number>[] = [];
      for (let i = 0; i < level.length; i += 10) {
        parents.push(this.#submit("add", ...level.slice(i, i + 10)));
      }
      level = parents;
    }
    check(await level[0].result, sumBelow(this.#workload.treeLeaves));
  }

  async #broadcast(): Promise<void> {
    const numbers = Float64Array.from({ length: this.#workload.broadcastNumbers }, (_, i) => i);
    const startMs = performance.now();
    const ref = await this.#cluster.client.put(numbers);
    const results = await this.#many(
      this.#workload.broadcastTasks,
      () => this.#submit<number>("sparseSum", ref),
    );
    say({ event: "Measured", values: { broadcastMs: performance.now() - startMs } });
    const expected = 1_000 * sumBelow(numbers.length / 1_000);
    check(results.every((result) => result === expected), true);
  }

  async #actor(): Promise<void> {
    const { actorCalls, actorBurst } = this.#workload;
    const counter = this.#cluster.client.actor<Counter>(
      { module: MODULE, exportName: "Counter" },
      [],
    );
    const durationsMs: number[] = [];
    check(await counter.call.add(1), 1);
    for (let i = 0; i < actorCalls; i++) {
      const startMs = performance.now();
      check(await counter.call.add(1), i + 2);
      durationsMs.push(performance.now() - startMs);
    }
    say({ event: "Measured", values: { actorP50Ms: percentile(durationsMs, 0.5) } });
    await this.#rate("actorPerS", actorBurst, async () => {
      const calls = Array.from({ length: actorBurst }, () => counter.call.add(1));
      const results = await Promise.all(calls);
      check(results.every((result, i) => result === actorCalls + i + 2), true);
    });
    counter.terminate();
  }

  async #map(): Promise<void> {
    const { mapTasks } = this.#workload;
    const inputs = Array.from({ length: mapTasks }, (_, i) => i);
    let expected = 1;
    const fn = { module: MODULE, exportName: "increment" };
    for await (const result of this.#cluster.client.map<number, number>(fn, inputs)) {
      check(result, expected++);
    }
    check(expected, mapTasks + 1);
  }

  async #naps(row: string, withKill: boolean): Promise<void> {
    const { napTasks, napMs, killAfterMs } = this.#workload;
    const [victim] = this.#cluster.executorPids();
    const startMs = performance.now();
    const killer = setTimeout(() => withKill && Deno.kill(victim, "SIGKILL"), killAfterMs);
    const results = await this.#many(
      napTasks,
      (i) =>
        this.#cluster.client.submit<number>({ module: MODULE, exportName: "nap" }, [i, napMs], {
          retry: NAP_RETRY,
        }),
    );
    const wallMs = performance.now() - startMs;
    clearTimeout(killer);
    check(results.every((result, i) => result === i * i), true);
    say({ event: "Measured", values: { [row]: wallMs } });
  }

  #many<R>(count: number, submit: (index: number) => TaskHandle<R>): Promise<R[]> {
    return Promise.all(Array.from({ length: count }, (_, i) => submit(i).result));
  }

  async #rate(row: string, count: number, run: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    await run();
    const seconds = (performance.now() - startMs) / 1_000;
    say({ event: "Measured", values: { [row]: count / seconds } });
  }

  /** Waits until the observer has looked at the processes. */
  async #observe(moment: string): Promise<void> {
    say({ event: "Observe", moment });
    await this.#answers.read();
  }
}

function sumBelow(n: number): number {
  return n * (n - 1) / 2;
}

function treeSize(leaves: number): number {
  return leaves === 1 ? 1 : leaves + treeSize(leaves / 10);
}

function check(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`A wrong result: ${actual} instead of ${expected}`);
}

function say(line: Record<string, unknown>): void {
  // deno-lint-ignore no-console -- the driver speaks to main.ts on standard output
  console.log(JSON.stringify(line));
}

if (import.meta.main) {
  const logDir = Deno.makeTempDirSync({ prefix: "tradewind-bench-" });
  const [fsync, workload] = Deno.args;
  const cluster = await startEmbeddedCluster({
    workers: WORKERS,
    logDir,
    fsync: FSYNC_MODES.find((mode) => fsync === `--fsync=${mode}`),
  });
  await new Driver(cluster, JSON.parse(workload)).run();
  await cluster[Symbol.asyncDispose]();
  Deno.removeSync(logDir, { recursive: true });
  Deno.exit(0);
}
