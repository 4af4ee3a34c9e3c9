import type { Fsync } from "../../../cluster/head/fsync.ts";

/** An engine that takes part: how its driver is started, and what has to be installed for that. */
export interface Contender {
  readonly id: string;
  /** Variants of one engine share it. */
  readonly engine: "tradewind" | "ray" | "dask";
  /** Program and arguments; the workload follows as the last one. */
  readonly command: readonly string[];
  /** The commands that install it; none for an engine that is always there. */
  readonly install: readonly string[];
  /** Processes besides the driver that are its head, by their command lines. */
  readonly headProcesses: RegExp | undefined;
}

const HERE = new URL(".", import.meta.url).pathname;

/** All engines, ours first.
 * @param withFsync whether ours also takes part with its journal forced onto the disk at every batch, and never */
export function contenders(environmentsDir: string, withFsync: boolean): Contender[] {
  return [
    ours("tradewind", "batch"),
    ...(withFsync ? [ours("fsync always", "always"), ours("fsync off", "off")] : []),
    peer("ray", environmentsDir, /gcs_server|raylet\/raylet/),
    peer("dask", environmentsDir, undefined),
  ];
}

/** Whether its program is there. */
export function isInstalled({ command: [program] }: Contender): boolean {
  try {
    return Deno.statSync(program).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function ours(id: string, fsync: Fsync): Contender {
  return {
    id,
    engine: "tradewind",
    command: [Deno.execPath(), "run", "--quiet", "-A", `${HERE}tradewind.ts`, `--fsync=${fsync}`],
    install: [],
    headProcesses: undefined,
  };
}

function peer(
  id: "ray" | "dask",
  environmentsDir: string,
  headProcesses: RegExp | undefined,
): Contender {
  const environment = `${environmentsDir}/${id}`;
  return {
    id,
    engine: id,
    command: [`${environment}/bin/python`, `${HERE}${id}_peer.py`],
    install: [
      `python3 -m venv ${environment}`,
      `${environment}/bin/pip install -r ${HERE}requirements-${id}.txt`,
    ],
    headProcesses,
  };
}
