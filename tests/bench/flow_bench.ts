/** The overhead of flows beside Prefect's: no-op tasks, the start, a rerun from the cache.
 *
 *     deno run -A tests/bench/flow_bench.ts [--tasks 10000] [--prefect-tasks 1000] [--runs 3]
 *
 * @module */
import { parseArgs } from "@std/cli/parse-args";
import { delay } from "@std/async/delay";
import { fromFileUrl, join } from "@std/path";
import { median } from "./engine/statistics.ts";

/** What one process of a contender measured. */
interface Measured {
  /** From before the first call to after the last result. */
  readonly wallMs: number;
  /** When the first task was called, since the Unix epoch; 0: none was, all came from the cache. */
  readonly firstAtMs: number;
}

/** Medians of the runs. */
interface Row {
  readonly name: string;
  readonly tasks: number;
  readonly startMs: number;
  readonly forgottenUs: number;
  /** From the first task to when the state of the last one can be read by others. */
  readonly recordedUs: number;
  readonly keptUs: number;
  readonly cachedUs: number;
}

type Kind = "forgotten" | "kept";

interface Contender {
  readonly name: string;
  readonly tasks: number;
  /** Whether a task can return before its states are recorded. */
  readonly isLate: boolean;
  /** @param folder of this run, the same for a rerun */
  command(kind: Kind, folder: string): Deno.Command;
  /** Resolves when all that its processes reported is recorded. */
  recorded(): Promise<void>;
}

const SERVER_START_LIMIT_MS = 120_000;
const RECORD_LIMIT_MS = 300_000;

async function execute(contender: Contender, kind: Kind, folder: string) {
  const startedAtMs = Date.now();
  const { code, stdout, stderr } = await contender.command(kind, folder).output();
  const decoder = new TextDecoder();
  if (code !== 0) {
    throw new Error(`${contender.name} ended with ${code}: ${decoder.decode(stderr).slice(-4000)}`);
  }
  const line = decoder.decode(stdout).split("\n").find((text) => text.startsWith('{"event"'));
  const { wallMs, firstAtMs } = JSON.parse(line!) as Measured;
  await contender.recorded();
  const lateMs = Math.max(wallMs, contender.isLate ? Date.now() - firstAtMs : 0);
  return {
    perTaskUs: wallMs * 1000 / contender.tasks,
    recordedUs: lateMs * 1000 / contender.tasks,
    startMs: firstAtMs - startedAtMs,
  };
}

async function measure(contender: Contender, runs: number): Promise<Row> {
  const columns = { forgotten: [], recorded: [], kept: [], cached: [], start: [] } as Record<
    string,
    number[]
  >;
  for (let run = 0; run < runs; run++) {
    const folder = await Deno.makeTempDir({ prefix: "tradewind-flow-bench-" });
    try {
      const forgotten = await execute(contender, "forgotten", folder);
      const kept = await execute(contender, "kept", folder);
      const cached = await execute(contender, "kept", folder);
      if (cached.startMs > 0) throw new Error(`${contender.name}: the rerun called a task`);
      columns.start!.push(forgotten.startMs);
      columns.forgotten!.push(forgotten.perTaskUs);
      columns.recorded!.push(forgotten.recordedUs);
      columns.kept!.push(kept.perTaskUs);
      columns.cached!.push(cached.perTaskUs);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  return {
    name: contender.name,
    tasks: contender.tasks,
    startMs: median(columns.start!),
    forgottenUs: median(columns.forgotten!),
    recordedUs: median(columns.recorded!),
    keptUs: median(columns.kept!),
    cachedUs: median(columns.cached!),
  };
}

function tradewind(tasks: number): Contender {
  const program = fromFileUrl(new URL("flow/tradewind.ts", import.meta.url));
  return {
    name: "Tradewind",
    tasks,
    isLate: false,
    recorded: () => Promise.resolve(),
    command: (kind, folder) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "-A", program, `${tasks}`, kind, join(folder, "flow.db")],
      }),
  };
}

function prefect(tasks: number, python: string, server: PrefectServer): Contender {
  const program = fromFileUrl(new URL("flow/prefect_peer.py", import.meta.url));
  let expected = 0;
  return {
    name: "Prefect 3.9.1",
    tasks,
    isLate: true,
    recorded: () => server.hasRecorded(expected += tasks),
    command: (kind, folder) =>
      new Deno.Command(python, {
        args: [program, `${tasks}`, kind],
        env: {
          ...prefectEnv(server.home),
          PREFECT_API_URL: server.url,
          PREFECT_LOCAL_STORAGE_PATH: join(folder, "results"),
        },
      }),
  };
}

function prefectEnv(home: string): Record<string, string> {
  return {
    PREFECT_HOME: home,
    PREFECT_LOGGING_LEVEL: "ERROR",
    PREFECT_SERVER_ANALYTICS_ENABLED: "false",
    DO_NOT_TRACK: "1",
  };
}

/** Prefect's own server on this machine, with SQLite in a folder of its own; running before anything is timed. */
class PrefectServer implements AsyncDisposable {
  readonly url: string;
  readonly home: string;
  readonly #process: Deno.ChildProcess;

  constructor(python: string) {
    this.home = Deno.makeTempDirSync({ prefix: "tradewind-prefect-" });
    const port = freePort();
    this.url = `http://127.0.0.1:${port}/api`;
    this.#process = new Deno.Command(python, {
      args: ["-m", "prefect", "server", "start", "--no-ui", "--port", `${port}`],
      env: prefectEnv(this.home),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async ready(): Promise<void> {
    const limitMs = Date.now() + SERVER_START_LIMIT_MS;
    while (Date.now() < limitMs) {
      const response = await fetch(`${this.url}/health`).catch(() => undefined);
      await response?.body?.cancel();
      if (response?.ok) return;
      await delay(250);
    }
    throw new Error(`Prefect's server did not answer within ${SERVER_START_LIMIT_MS} ms`);
  }

  /** Waits until so many task runs are completed: clients report them in batches, and do not wait for it. */
  async hasRecorded(completed: number): Promise<void> {
    const limitMs = Date.now() + RECORD_LIMIT_MS;
    while (Date.now() < limitMs) {
      const response = await fetch(`${this.url}/task_runs/count`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ task_runs: { state: { type: { any_: ["COMPLETED"] } } } }),
      });
      const count = response.ok ? Number(await response.text()) : await response.body?.cancel();
      if (count === completed) return;
      await delay(250);
    }
    throw new Error(`Prefect's server has not recorded ${completed} task runs`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await Deno.remove(this.home, { recursive: true });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function measurePrefect(tasks: number, runs: number, python: string): Promise<Row> {
  await using server = new PrefectServer(python);
  await server.ready();
  return await measure(prefect(tasks, python, server), runs);
}

function pythonOf(): string {
  const environments = Deno.env.get("TV_BENCH_VENVS") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/tradewind-bench`;
  return join(environments, "prefect/bin/python");
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function line(cells: readonly string[]): void {
  // deno-lint-ignore no-console -- a bench prints its table
  console.log(`| ${cells.join(" | ")} |`);
}

if (import.meta.main) {
  const flags = parseArgs(Deno.args, { string: ["tasks", "prefect-tasks", "runs"] });
  const runs = Number(flags["runs"] ?? 3);
  const python = pythonOf();
  const rows = [await measure(tradewind(Number(flags["tasks"] ?? 10_000)), runs)];
  if (isThere(python)) {
    rows.push(await measurePrefect(Number(flags["prefect-tasks"] ?? 1000), runs, python));
  } else {
    // deno-lint-ignore no-console -- what is missing has to be seen
    console.error(
      `Prefect is left out: there is no ${python}. Make it by python3 -m venv and ` +
        "pip install -r tests/bench/flow/requirements-prefect.txt",
    );
  }
  line([
    "",
    "tasks",
    "start to first task, ms",
    "a task, µs",
    "recorded, µs",
    "kept, µs",
    "from the cache, µs",
  ]);
  line(["---", "---:", "---:", "---:", "---:", "---:", "---:"]);
  for (const row of rows) {
    const numbers = [row.startMs, row.forgottenUs, row.recordedUs, row.keptUs, row.cachedUs];
    line([row.name, `${row.tasks}`, ...numbers.map((value) => value.toFixed(0))]);
  }
  const [ours, theirs] = rows as [Row, Row | undefined];
  if (theirs !== undefined) {
    const ratios = [
      theirs.startMs / ours.startMs,
      theirs.forgottenUs / ours.forgottenUs,
      theirs.recordedUs / ours.recordedUs,
      theirs.keptUs / ours.keptUs,
      theirs.cachedUs / ours.cachedUs,
    ];
    line(["Prefect / Tradewind", "", ...ratios.map((ratio) => `${ratio.toFixed(1)}×`)]);
  }
}
