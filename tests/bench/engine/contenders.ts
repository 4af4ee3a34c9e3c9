/** An engine that takes part: how its driver is started, and what has to be installed for that. */
export interface Contender {
  readonly id: "tradewind" | "ray" | "dask";
  /** Program and arguments; the workload follows as the last one. */
  readonly command: readonly string[];
  /** The commands that install it; none for an engine that is always there. */
  readonly install: readonly string[];
  /** Processes besides the driver that are its head, by their command lines. */
  readonly headProcesses: RegExp | undefined;
}

const HERE = new URL(".", import.meta.url).pathname;

/** All engines, ours first. */
export function contenders(environmentsDir: string): Contender[] {
  return [
    {
      id: "tradewind",
      command: [Deno.execPath(), "run", "--quiet", "-A", `${HERE}tradewind.ts`],
      install: [],
      headProcesses: undefined,
    },
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

function peer(
  id: "ray" | "dask",
  environmentsDir: string,
  headProcesses: RegExp | undefined,
): Contender {
  const environment = `${environmentsDir}/${id}`;
  return {
    id,
    command: [`${environment}/bin/python`, `${HERE}${id}_peer.py`],
    install: [
      `python3 -m venv ${environment}`,
      `${environment}/bin/pip install -r ${HERE}requirements-${id}.txt`,
    ],
    headProcesses,
  };
}
