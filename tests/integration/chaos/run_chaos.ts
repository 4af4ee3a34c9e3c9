import { createRng } from "../../../src/base/rng.ts";
import type { Rng } from "../../../src/base/rng.ts";
import { withFolder } from "../cli.ts";
import { ChaosCluster } from "./chaos_cluster.ts";
import { Witness } from "./witness.ts";

/** What may be killed. */
export type Victim = "head" | "worker" | "executor";

/** How a run of faults goes. */
export interface ChaosPlan {
  readonly seed: number;
  /** How long faults go on; then everything comes to its end. */
  readonly seconds: number;
  readonly victims: readonly Victim[];
}

/** What was seen. */
export interface ChaosReport {
  readonly tasks: number;
  readonly kills: Readonly<Record<Victim, number>>;
  /** How often an outcome was told; more than there are tasks, as it is told anew after every kill of the head. */
  readonly tellings: number;
}

const WORKERS = 2;
const BATCH = 30;
const MAX_TASK_MS = 60;
/** So that the connection's first credits suffice for all. */
const MAX_TASKS = 4_000;
const END_TIMEOUT_MS = 90_000;

/** Kills processes of a cluster under load, in an order that the seed tells, and then checks that every task has one
 * outcome, the right one, that nothing is reserved any more and that no process is left.
 * @throws {Error} naming what is wrong, with the seed */
export async function runChaos(plan: ChaosPlan): Promise<ChaosReport> {
  try {
    return await withFolder((folder) => runIn(folder, plan));
  } catch (cause) {
    throw new Error(`With seed ${plan.seed}: ${(cause as Error).message}`, { cause });
  }
}

async function runIn(folder: string, plan: ChaosPlan): Promise<ChaosReport> {
  const rng = createRng(plan.seed);
  await using cluster = new ChaosCluster(folder);
  await cluster.start(WORKERS);
  const kills = { head: 0, worker: 0, executor: 0 };
  const report = await (async () => {
    await using witness = new Witness(cluster.url, cluster.token);
    const endMs = performance.now() + plan.seconds * 1_000;
    // The cluster is to be at work when the first fault comes.
    witness.submit(durations(rng));
    while (witness.endedCount === 0) await pause(10);
    while (performance.now() < endMs) {
      if (witness.submittedCount < MAX_TASKS) witness.submit(durations(rng));
      await pause(rng.next() * 600);
      const victim = plan.victims[Math.floor(rng.next() * plan.victims.length)];
      await kill(cluster, victim, Math.floor(rng.next() * 1_000));
      kills[victim]++;
    }
    await witness.allEnded(END_TIMEOUT_MS);
    const complaints = witness.complaints();
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    return { tasks: witness.submittedCount, kills, tellings: witness.tellings };
  })();
  await settle(cluster);
  await cluster.stop();
  return report;
}

async function kill(cluster: ChaosCluster, victim: Victim, index: number): Promise<void> {
  switch (victim) {
    case "head":
      return await cluster.killHead();
    case "worker":
      return await cluster.killWorker(index);
    case "executor":
      return cluster.killExecutor(index);
  }
}

/** Waits until the head knows all workers and no task, and nothing is taken by one. */
async function settle(cluster: ChaosCluster): Promise<void> {
  const deadlineMs = performance.now() + END_TIMEOUT_MS;
  const wanted = Object.entries({
    tradewind_workers: WORKERS,
    tradewind_tasks: 0,
    tradewind_resource_reserved: 0,
    tradewind_attempts_in_flight: 0,
  });
  for (;;) {
    const found = await Promise.all(wanted.map(([name]) => cluster.metric(name)));
    if (wanted.every(([, value], i) => found[i] === value)) return;
    if (performance.now() > deadlineMs) {
      const lines = wanted.map(([name, value], i) => `${name} is ${found[i]}, not ${value}`);
      throw new Error(`At the end: ${lines.join(", ")}`);
    }
    await pause(50);
  }
}

function durations(rng: Rng): number[] {
  return Array.from({ length: BATCH }, () => Math.floor(rng.next() ** 2 * MAX_TASK_MS));
}

/** Faults come at their time: there is no event to wait for. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
