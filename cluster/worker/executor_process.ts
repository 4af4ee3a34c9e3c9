import type { ExecutorKind } from "./executor_kind.ts";

/** How executors are started. */
export interface ExecutorOptions {
  /** Private to the daemon: its socket and its objects are in there. */
  readonly nodeDir: string;
  readonly objectFolder: string;
  /** Folders into which tasks may write, besides the node's objects. */
  readonly writableDirs: readonly string[];
  /** Told to the code of tasks. */
  readonly workerId: string;
}

const PASSED_ENVIRONMENT = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "LANG", "TZ", "XDG_CACHE_HOME"];

/** Starts the process of an executor of a kind, with pipes for its output. */
export function spawnExecutor(
  options: ExecutorOptions,
  { memoryLimitBytes, environment }: ExecutorKind,
  socketPath: string,
): Deno.ChildProcess {
  const main = new URL("./executor_main.ts", import.meta.url);
  const writable = [options.nodeDir, options.objectFolder, ...options.writableDirs].join(",");
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-read",
    `--allow-write=${writable}`,
    `--allow-net=unix:${socketPath}`,
    "--allow-env",
    "--allow-sys",
    "--allow-ffi",
    // V8 then collects garbage in time, instead of growing past the limit with what nobody needs.
    ...(memoryLimitBytes === undefined ? [] : [`--v8-flags=${heapFlag(memoryLimitBytes)}`]),
    ...environment.denoArgs,
    main.href,
    socketPath,
    options.objectFolder,
    options.workerId,
  ];
  const env: Record<string, string> = { NO_COLOR: "1", POLARS_MAX_THREADS: "1" };
  for (const name of PASSED_ENVIRONMENT) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  if (environment.denoDir !== undefined) env.DENO_DIR = environment.denoDir;
  return new Deno.Command(Deno.execPath(), {
    args,
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function heapFlag(memoryLimitBytes: number): string {
  return `--max-old-space-size=${Math.max(1, Math.floor(memoryLimitBytes / 2 ** 20))}`;
}
