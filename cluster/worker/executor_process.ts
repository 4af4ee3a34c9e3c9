import { dirname, fromFileUrl } from "@std/path";
import type { ObjectFolders } from "../objects/object_folders.ts";
import { isTracing } from "../../src/base/tracing.ts";
import type { CodeEnvironment } from "./code_environment.ts";
import { foldersOnDisk } from "./disk_copies.ts";
import type { ExecutorKind } from "./executor_kind.ts";
import { grantPermissions } from "./granted_permissions.ts";
import { permissionFlags } from "./permission_flags.ts";

/** How executors are started. */
export interface ExecutorOptions {
  /** Private to the daemon: its socket and its objects are in there. */
  readonly nodeDir: string;
  readonly objectFolders: ObjectFolders;
  /** Folders into which tasks may write, besides the node's objects. */
  readonly writableDirs: readonly string[];
  /** Hosts that tasks may reach when they ask for it. */
  readonly allowedNet: readonly string[];
  /** Told to the code of tasks. */
  readonly workerId: string;
}

const PASSED_ENVIRONMENT = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "LANG", "TZ", "XDG_CACHE_HOME"];

/** Starts the process of an executor of a kind, with pipes for its output.
 * @throws {PermissionRefusedError} when the node's owner does not allow what the kind asks for */
export function spawnExecutor(
  options: ExecutorOptions,
  { memoryLimitBytes, environment, permissions }: ExecutorKind,
  socketPath: string,
): Deno.ChildProcess {
  const main = new URL("./executor_main.ts", import.meta.url);
  const granted = grantPermissions(permissions?.asked, {
    net: options.allowedNet,
    write: options.writableDirs,
  });
  const { memory, disk } = granted.ffi
    ? options.objectFolders
    : foldersOnDisk(options.objectFolders, options.nodeDir);
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    ...permissionFlags(granted, {
      socketPath,
      ownDirs: [options.nodeDir, memory, disk],
      codePaths: [...(permissions?.codePaths ?? []), ...codePathsOf(environment)],
    }),
    `--v8-flags=${v8Flags(memoryLimitBytes).join(",")}`,
    ...environment.denoArgs,
    main.href,
    socketPath,
    memory,
    disk,
    options.workerId,
    String(Deno.pid),
  ];
  const env: Record<string, string> = { NO_COLOR: "1", POLARS_MAX_THREADS: "1" };
  for (const name of PASSED_ENVIRONMENT) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  Object.assign(env, telemetryEnvironment());
  return new Deno.Command(Deno.execPath(), {
    args,
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A group of its own: the terminal's Ctrl-C is for the daemon, or for the user's process that the daemon is in.
    detached: true,
  }).spawn();
}

/** Ends a process, if it has not ended already. */
export function killQuietly(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** What Deno's OpenTelemetry reads, where it is on: the spans of tasks go where the daemon's go. */
function telemetryEnvironment(): Record<string, string> {
  if (!isTracing) return {};
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => name.startsWith("OTEL_")),
  );
}

/** Where the code of an environment lies, and its packages. */
function codePathsOf({ rootUrl, denoArgs }: CodeEnvironment): string[] {
  const config = denoArgs.find((arg) => arg.startsWith("--config="))?.slice("--config=".length);
  return [
    ...(rootUrl === undefined ? [] : [fromFileUrl(rootUrl)]),
    ...(config === undefined ? [] : [dirname(config)]),
  ];
}

/** How V8 collects garbage in an executor. Mapped objects count as its memory: marking in steps, which is there for the
 * sake of short pauses, takes ten times as long as marking at once when many large ones come and go. Nobody waits for
 * the pauses of an executor, but for its tasks. */
function v8Flags(memoryLimitBytes: number | undefined): string[] {
  const flags = ["--no-incremental-marking", "--expose-gc-as=collectTradewindGarbage"];
  if (memoryLimitBytes === undefined) return flags;
  // V8 then collects garbage in time, instead of growing past the limit with what nobody needs.
  return [...flags, `--max-old-space-size=${Math.max(1, Math.floor(memoryLimitBytes / 2 ** 20))}`];
}
