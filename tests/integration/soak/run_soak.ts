import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { readTextIfThere } from "../../../src/base/if_there.ts";
import { CommandCluster } from "../command_cluster.ts";
import { withFolder } from "../cli.ts";
import { growthOf, type Sample } from "./growth.ts";
import { mixedLoad } from "./mixed_load.ts";

/** How a soak goes. */
export interface SoakPlan {
  readonly seconds: number;
  /** Rounds of load that begin in a second, if the one before has ended: a fixed rate, so that soaks can be compared and
   * others may use the machine. */
  readonly roundsPerSecond: number;
  /** Told what was measured, a line each. */
  readonly onLine?: (line: string) => void;
}

/** What is measured of head and daemons, and the growth after the warm-up that is allowed whatever the noise. The heap is
 * what lives: garbage was collected. Resident memory goes up and down with what V8 and the allocator keep for later. The
 * head's files fill up to their limits in the first minutes: 64 MiB of write-ahead log, 32 MiB of journal, the history. */
const LIMITS: Readonly<Record<string, number>> = {
  "heap MiB": 2,
  "memory MiB": 24,
  "open files": 4,
  "disk MiB": 128,
};
const WORKERS = 2;
const SAMPLES = 90;
const WARM_UP = 0.4;
const NOISES = 6;
const MIB = 1024 * 1024;
const PROBE = new URL("./heap_probe.ts", import.meta.url).href;

/** Runs a mixed load on a head and daemons of their own, and measures their memory, open files and disk.
 * @returns the rounds of load
 * @throws {Error} naming what grows */
export async function runSoak(
  { seconds, roundsPerSecond, onLine = () => {} }: SoakPlan,
): Promise<number> {
  return await withFolder(async (folder) => {
    const cluster = new CommandCluster(folder, (name) => ({
      denoFlags: ["--v8-flags=--expose-gc", `--preload=${PROBE}`],
      env: { SOAK_HEAP_FILE: heapFile(folder, name) },
    }));
    await cluster.startHead("0");
    for (let k = 0; k < WORKERS; k++) await cluster.startWorker("--cpus=2");
    const series = new Map<string, Sample[]>();
    const endMs = performance.now() + seconds * 1_000;
    let nextSampleMs = 0;
    let rounds = 0;
    {
      await using client = cluster.connect();
      while (performance.now() < endMs) {
        const nextRoundMs = performance.now() + 1_000 / roundsPerSecond;
        await mixedLoad(client, rounds++);
        if (performance.now() >= nextSampleMs) {
          nextSampleMs = performance.now() + seconds * 1_000 / SAMPLES;
          sample(cluster, folder, series);
        }
        await delay(Math.max(0, nextRoundMs - performance.now()));
      }
    }
    await cluster.stop();
    for (const [name, who] of namesOf(cluster)) series.set(`${who}: heap MiB`, heaps(folder, name));
    const growing = [...series].flatMap(([name, samples]) => judge(name, samples, onLine));
    if (growing.length > 0) throw new Error(`After ${rounds} rounds: ${growing.join("; ")}`);
    return rounds;
  });
}

/** The names of a cluster's commands, and what they are called here. */
function namesOf({ workers }: CommandCluster): (readonly [name: string, who: string])[] {
  return [
    ["head", "head"],
    ...workers.map((_, k) => [`worker ${k + 1}`, `daemon ${k + 1}`] as const),
  ];
}

function heapFile(folder: string, name: string): string {
  return join(folder, `heap of ${name}`);
}

function heaps(folder: string, name: string): Sample[] {
  return (readTextIfThere(heapFile(folder, name)) ?? "").trim().split("\n")
    .map((line) => JSON.parse(line) as Sample);
}

function sample(cluster: CommandCluster, folder: string, series: Map<string, Sample[]>): void {
  const atMs = Date.now();
  const add = (name: string, value: number) => {
    const samples = series.get(name) ?? [];
    series.set(name, samples);
    samples.push({ atMs, value });
  };
  const pids = [cluster.head, ...cluster.workers].map(({ pid }) => pid);
  for (const [k, [, who]] of namesOf(cluster).entries()) {
    const kib = /^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pids[k]}/status`))?.[1];
    add(`${who}: memory MiB`, Number(kib) / 1024);
    add(`${who}: open files`, [...Deno.readDirSync(`/proc/${pids[k]}/fd`)].length);
  }
  add("head: disk MiB", sizeOf(join(folder, "head")) / MIB);
  add("daemons: disk MiB", sizeOf(join(folder, "worker-logs")) / MIB);
}

function judge(name: string, samples: readonly Sample[], onLine: (line: string) => void): string[] {
  const { perMinute, total, noise } = growthOf(samples, WARM_UP);
  const last = samples[samples.length - 1].value;
  const text = `${name}: ${last.toFixed(1)} in the end, ${perMinute.toFixed(2)} more a minute, ` +
    `${total.toFixed(1)} in all, noise ${noise.toFixed(2)}`;
  onLine(text);
  const limit = LIMITS[name.slice(name.indexOf(": ") + 2)];
  return total > limit + NOISES * noise ? [text] : [];
}

/** Of a folder with all that is in it; what goes away in between counts nothing. */
function sizeOf(path: string): number {
  try {
    return [...Deno.readDirSync(path)].reduce((sum, { name, isDirectory }) => {
      const inner = join(path, name);
      return sum + (isDirectory ? sizeOf(inner) : Deno.statSync(inner).size);
    }, 0);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
