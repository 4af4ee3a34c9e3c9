import { assert, assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { readTextIfThere } from "../../../../src/base/if_there.ts";
import { createRng } from "../../../../src/base/rng.ts";
import { verifyLedger } from "../../../../src/ledger/mod.ts";
import { packageCache, TestMachine } from "../../../provision/test_machines.ts";
import { processesOf, productionSummary, startProduction, until, withFolder } from "../../cli.ts";
import { writeManifest } from "../../manifest.ts";
import { ProvisionedCluster } from "../../provisioned_cluster.ts";
import { sshConfigOf } from "../../ssh_machines.ts";
import { FaultBench } from "./fault_bench.ts";
import { type Fault, type FaultType, planFaults } from "./fault_plan.ts";
import { RestartableS3 } from "./restartable_s3.ts";

/** How production under faults goes. */
export interface ProductionChaosPlan {
  readonly seed: number;
  /** Runs and faults begin for so long, runs one after the other; the last one goes to its end undisturbed. */
  readonly seconds: number;
  /** Machines with a worker each. */
  readonly machines: number;
  /** Faults that do not come; default: none of them. */
  readonly without?: readonly FaultType[];
  /** Told what goes on, a line each. */
  readonly onLine?: (line: string) => void;
}

/** What was seen. */
export interface ProductionChaosReport {
  readonly runs: number;
  readonly faults: Readonly<Record<string, number>>;
}

/** What a machine may keep on its disk. */
const DISK_MIB = 1_024;
const PATIENCE_MS = 90_000;
/** A run that takes longer hangs: without faults it takes seconds. */
const RUN_MS = 300_000;
const STORY_LINES = 25;
const PROFILE = {
  data: { lookback_days: 1_469, min_days_floor: 320 },
  backtest: { engines: ["clustered", "flat"] },
};

/** Production runs on machines with SSH servers and a network each, while executors, daemons, machines, the head, the
 * tunnels and the S3 server of the runs' mirror are killed, paused, cut off, slowed and filled up, as the seed tells.
 * Each run comes to the result of an undisturbed one, its ledger verifies, and in the end nothing is left behind.
 * @throws {Error} naming what is wrong, with the seed */
export async function runProductionChaos(
  plan: ProductionChaosPlan,
): Promise<ProductionChaosReport> {
  try {
    return await withFolder((folder) => runIn(folder, plan));
  } catch (cause) {
    throw new Error(`With seed ${plan.seed}: ${(cause as Error).message}`, { cause });
  }
}

async function runIn(folder: string, plan: ProductionChaosPlan): Promise<ProductionChaosReport> {
  const onLine = plan.onLine ?? (() => {});
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await RestartableS3.start(join(folder, "s3")));
  const manifest = await writeManifest(folder, PROFILE);
  const alone = ["--manifest", manifest, "--out", join(folder, "alone")];
  const { result_hash: expected } = await productionSummary(alone);
  assert(expected !== null);
  const packages = await packageCache();
  const machines: TestMachine[] = [];
  for (let k = 0; k < plan.machines; k++) {
    machines.push(stack.use(await TestMachine.start({ packages, diskMib: DISK_MIB })));
  }
  const cluster = stack.use(new ProvisionedCluster(folder, await sshConfigOf(machines)));
  try {
    return await disturbedRuns({ folder, plan, cluster, machines, store, manifest, expected });
  } catch (error) {
    // Told here, too: what is disposed after it may fail in its turn.
    onLine(`${(error as Error).stack}\n${storyOf(cluster, machines)}`);
    throw error;
  }
}

interface Setting {
  readonly folder: string;
  readonly plan: ProductionChaosPlan;
  readonly cluster: ProvisionedCluster;
  readonly machines: readonly TestMachine[];
  readonly store: RestartableS3;
  readonly manifest: string;
  /** The hash of an undisturbed result. */
  readonly expected: string;
}

async function disturbedRuns(
  { folder, plan, cluster, machines, store, manifest, expected }: Setting,
): Promise<ProductionChaosReport> {
  const { onLine = () => {} } = plan;
  await cluster.up();
  onLine(`undisturbed ${expected}; ${machines.length} machines are up`);
  const faults = planFaults(createRng(plan.seed), plan.without);
  const counts: Record<string, number> = {};
  const time = AbortSignal.timeout(plan.seconds * 1_000);
  const bench = new FaultBench(cluster, machines, store);
  let runs = 0;
  for (;;) {
    const runId = `r${++runs}`;
    // A folder of its own: what an earlier run left would be taken from there.
    const out = join(folder, `out-${runId}`);
    const run = { out, cluster, manifest, store, runId };
    const hash = await runUnder(
      run,
      (over) =>
        disturb(bench, faults, AbortSignal.any([time, over]), (fault) => {
          counts[fault.type] = (counts[fault.type] ?? 0) + 1;
          onLine(
            `  ${fault.type} (machine ${fault.machine % machines.length}, ${fault.lengthMs} ms)`,
          );
        }),
    );
    assertEquals(hash, expected, `Run ${runs} came to another result`);
    await bench.settle();
    onLine(`run ${runs}: the same result`);
    if (time.aborted) break;
    await Deno.remove(out, { recursive: true });
  }
  await bench.finish();
  await checkMirror(folder, store, expected, runs);
  await cluster.up();
  await cluster.down();
  await checkNothingLeft(cluster, machines);
  return { runs, faults: counts };
}

interface RunPlace {
  readonly out: string;
  readonly cluster: ProvisionedCluster;
  readonly manifest: string;
  readonly store: RestartableS3;
  readonly runId: string;
}

/** @returns the hash of its result */
async function runUnder(
  { out, cluster, manifest, store, runId }: RunPlace,
  disturbing: (signal: AbortSignal) => Promise<void>,
): Promise<string> {
  const remote = `s3://${store.server.bucket}/runs`;
  const run = startProduction([
    ...["--cluster", cluster.dir, "--manifest", manifest, "--out", out],
    ...["--remote", remote, "--run-id", runId, "--json"],
  ], { env: store.server.env });
  const over = new AbortController();
  const disturbed = run.says("optimise").then(() => disturbing(over.signal));
  const { code, stdout, stderr } = await deadline(run.result(), RUN_MS).catch((cause) => {
    run.kill("SIGKILL");
    throw new Error(`Run ${runId} hangs:\n${run.stderrSoFar}`, { cause });
  }).finally(() => over.abort());
  await disturbed;
  assertEquals(code, 0, stderr);
  const verdict = await verifyLedger(join(out, "runs", runId, "audit.jsonl"));
  assertEquals(verdict.ok, true, JSON.stringify(verdict));
  return JSON.parse(stdout).result_hash;
}

async function disturb(
  bench: FaultBench,
  faults: Generator<Fault, never>,
  signal: AbortSignal,
  onFault: (fault: Fault) => void,
): Promise<void> {
  while (!signal.aborted) {
    const fault = faults.next().value;
    await delay(fault.afterMs, { signal }).catch(() => {});
    if (signal.aborted) return;
    onFault(fault);
    bench.begin(fault);
  }
}

/** A last run, undisturbed and of this machine alone, sends what the others could not; then the last of those opens from there. */
async function checkMirror(
  folder: string,
  { server }: RestartableS3,
  resultHash: string,
  runs: number,
): Promise<void> {
  const remote = `s3://${server.bucket}/runs`;
  const env = { ...server.env };
  await productionSummary([
    ...["--manifest", await writeManifest(folder), "--out", join(folder, `out-r${runs}`)],
    ...["--remote", remote],
  ], { env });
  const out = join(folder, "opened");
  const opened = await productionSummary(
    ["--resume", `r${runs}`, "--remote", remote, "--out", out],
    { env },
  );
  assertEquals(opened.result_hash, resultHash, "The run in S3 has another result");
}

/** What the keeper, its journal and the nodes say last, for whoever looks for the reason of a failure. */
function storyOf({ dir }: ProvisionedCluster, machines: readonly TestMachine[]): string {
  const files = [
    ...["journal.jsonl", "keeper.log"].map((name) => join(dir, name)),
    ...machines.flatMap((machine) =>
      ["warden.log", "daemon.log"].map((name) => join(machine.dir, "disk/node", name))
    ),
  ];
  return files.map((path) => {
    const lines = (readTextIfThere(path) ?? "").trim().split("\n");
    return `== ${path}\n${lines.slice(-STORY_LINES).join("\n")}`;
  }).join("\n");
}

async function checkNothingLeft(
  cluster: ProvisionedCluster,
  machines: readonly TestMachine[],
): Promise<void> {
  await until("no process is left", () => processesOf(cluster.dir).length === 0, PATIENCE_MS);
  for (const machine of machines) {
    assertEquals(machine.processes(), []);
    assertEquals(machine.listeningPorts(), []);
    assertEquals([...Deno.readDirSync(`${machine.dir}/disk`)].map(({ name }) => name), []);
    assertEquals([...Deno.readDirSync(`${machine.dir}/home`)].map(({ name }) => name), []);
  }
}
