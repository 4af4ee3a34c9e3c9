import { join } from "@std/path";
import { CommandCluster } from "../command_cluster.ts";
import { withFolder } from "../cli.ts";
import { growthOf, type Sample } from "./growth.ts";
import { mixedLoad } from "./mixed_load.ts";

/** How a soak goes. */
export interface SoakPlan {
  readonly seconds: number;
  /** Told what was measured, a line each. */
  readonly onLine?: (line: string) => void;
}

/** What is measured of head and daemons, and the growth over a soak that is allowed whatever the noise. The head's files
 * fill up to their limits in the first minutes: 64 MiB of write-ahead log, 32 MiB of journal, and the history. */
const LIMITS: Readonly<Record<string, number>> = {
  "memory MiB": 24,
  "open files": 4,
  "disk MiB": 128,
};
const WORKERS = 2;
const SAMPLES = 90;
const WARM_UP = 0.4;
const NOISES = 6;
const MIB = 1024 * 1024;

/** Runs a mixed load on a head and daemons of their own, and measures their memory, open files and disk.
 * @returns the rounds of load
 * @throws {Error} naming what grows */
export async function runSoak({ seconds, onLine = () => {} }: SoakPlan): Promise<number> {
  return await withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    for (let k = 0; k < WORKERS; k++) await cluster.startWorker("--cpus=2");
    const series = new Map<string, Sample[]>();
    const endMs = performance.now() + seconds * 1_000;
    let nextMs = 0;
    let rounds = 0;
    {
      await using client = cluster.connect();
      while (performance.now() < endMs) {
        await mixedLoad(client, rounds++);
        if (performance.now() < nextMs) continue;
        nextMs = performance.now() + seconds * 1_000 / SAMPLES;
        sample(cluster, folder, series);
      }
    }
    await cluster.stop();
    const growing = [...series].flatMap(([name, samples]) => judge(name, samples, onLine));
    if (growing.length > 0) throw new Error(`After ${rounds} rounds: ${growing.join("; ")}`);
    return rounds;
  });
}

function sample(cluster: CommandCluster, folder: string, series: Map<string, Sample[]>): void {
  const atMs = performance.now();
  const add = (name: string, value: number) => {
    const samples = series.get(name) ?? [];
    series.set(name, samples);
    samples.push({ atMs, value });
  };
  const processes = [cluster.head, ...cluster.workers];
  for (const [k, { pid }] of processes.entries()) {
    const who = k === 0 ? "head" : `daemon ${k}`;
    const kib = /^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
    add(`${who}: memory MiB`, Number(kib) / 1024);
    add(`${who}: open files`, [...Deno.readDirSync(`/proc/${pid}/fd`)].length);
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
