import { join } from "@std/path";
import { ROOT } from "../structure/sources.ts";
import type { RunSummary } from "../../src/production/run_production.ts";

/** How a command ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of this machine. */
export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
}

/** How a command is started. */
export interface CommandOptions {
  /** Variables beside those that every command gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Deno beside those of its task. */
  readonly denoFlags?: readonly string[];
}

const PASSED_VARIABLES = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "XDG_CACHE_HOME"];
const POLL_MS = 10;

/** Runs `use` with a new folder, which is removed afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-test-" });
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A command of deno.json under way, with the permissions that its task has. */
export class RunningCommand {
  readonly pid: number;
  readonly #process: Deno.ChildProcess;
  readonly #stdout: Promise<string>;
  readonly #firstLine: Promise<string>;
  readonly #stderr: Promise<string>;
  #stdoutSoFar = "";
  #stderrSoFar = "";
  #onOutput = Promise.withResolvers<void>();

  constructor(
    task: string,
    args: readonly string[],
    { env = {}, denoFlags = [] }: CommandOptions = {},
  ) {
    const [run, ...command] = commandOf(task);
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [run, ...denoFlags, ...command, ...args],
      cwd: ROOT,
      clearEnv: true,
      env: { ...passedVariables(), NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#process.pid;
    const [whole, lines] = this.#process.stdout.tee();
    this.#stdout = new Response(whole).text();
    this.#firstLine = this.#readStdout(lines);
    this.#stderr = this.#readStderr();
  }

  /** Resolves when standard error holds a text.
   * @throws {Error} when the command ends without it */
  async says(text: string): Promise<void> {
    const ended = this.#process.status.then(() => this.#stderr);
    while (!this.#stderrSoFar.includes(text)) {
      const seen = this.#onOutput.promise;
      const all = await Promise.race([seen, ended]);
      if (typeof all === "string" && !all.includes(text)) {
        throw new Error(`The command ended without saying ${JSON.stringify(text)}:\n${all}`);
      }
    }
  }

  /** The first line of standard output, without its end; empty when there is none. */
  firstLine(): Promise<string> {
    return this.#firstLine;
  }

  /** What standard output holds now. */
  get stdoutSoFar(): string {
    return this.#stdoutSoFar;
  }

  /** What standard error holds now. */
  get stderrSoFar(): string {
    return this.#stderrSoFar;
  }

  /** Sends a signal; a command that has just ended is left as it is. */
  kill(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): void {
    try {
      this.#process.kill(signal);
    } catch (error) {
      // It has ended in this very moment.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** How it ended, once it has. */
  async result(): Promise<CommandResult> {
    const [{ code }, stdout, stderr] = await Promise.all([
      this.#process.status,
      this.#stdout,
      this.#stderr,
    ]);
    return { code, stdout, stderr };
  }

  /** Gives the first line, and reads on to the end, so that the other branch of the stream is not held up. */
  async #readStdout(stream: ReadableStream<Uint8Array>): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    (async () => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        this.#stdoutSoFar += text;
        const end = this.#stdoutSoFar.indexOf("\n");
        if (end >= 0) resolve(this.#stdoutSoFar.slice(0, end));
      }
      resolve(this.#stdoutSoFar);
    })();
    return await promise;
  }

  async #readStderr(): Promise<string> {
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderrSoFar += text;
      this.#onOutput.resolve();
      this.#onOutput = Promise.withResolvers<void>();
    }
    return this.#stderrSoFar;
  }
}

/** Starts the command `production`. */
export function startProduction(
  args: readonly string[],
  options: CommandOptions = {},
): RunningCommand {
  return new RunningCommand("production", args, options);
}

/** Runs the command `production` to its end. */
export async function production(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return await startProduction(args, options).result();
}

/** Runs the command `production` to its end, which has to be a good one.
 * @returns what `run.json` says */
export async function productionSummary(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<RunSummary> {
  const { code, stdout, stderr } = await production([...args, "--json"], options);
  if (code !== 0) throw new Error(`production ${args.join(" ")} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout) as RunSummary;
}

/** What `run.json` of a run says. */
export async function readSummary(out: string, runId: string): Promise<RunSummary> {
  return JSON.parse(await Deno.readTextFile(join(out, "runs", runId, "run.json")));
}

/** The runs of an output folder, the pointer to the latest left out. */
export async function runsIn(out: string): Promise<string[]> {
  const runs: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(join(out, "runs"))) {
      if (isDirectory) runs.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return runs.sort();
}

/** The living processes with a text in their command line; an output folder's path finds the command that writes
 * there, its worker daemons and their executors. */
export function processesOf(text: string): ProcessInfo[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    const command = readProcess(name, "cmdline").replaceAll("\0", " ");
    const isZombie = /^State:\s+Z/m.test(readProcess(name, "status"));
    return command.includes(text) && !isZombie ? [{ pid: Number(name), command }] : [];
  });
}

/** The executors that work for an output folder. */
export function executorsOf(out: string): ProcessInfo[] {
  return processesOf(out).filter(({ command }) => command.includes("executor_main.ts"));
}

/** Waits until a condition holds.
 * @throws {Error} naming it when that takes longer than `timeoutMs` */
export async function until(
  what: string,
  condition: () => boolean,
  timeoutMs: number,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function commandOf(task: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const [deno, ...args] = (tasks[task] as string).split(" ");
  if (deno !== "deno") throw new Error(`Task ${task} does not begin with deno: ${tasks[task]}`);
  return args;
}

function passedVariables(): Record<string, string> {
  return Object.fromEntries(
    PASSED_VARIABLES.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A file of a process; empty when the process is gone. */
function readProcess(pid: string, file: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${file}`);
  } catch {
    return "";
  }
}
