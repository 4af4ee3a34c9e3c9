/** The worker daemon as a process: `deno run … cluster/worker/main.ts --head URL --token-file FILE --id ID …`. */
import { parseArgs } from "@std/cli/parse-args";
import { errorMessage, UserError } from "../../src/base/errors.ts";
import { Daemon } from "./daemon.ts";
import type { DaemonOptions } from "./daemon_options.ts";
import { remoteHead } from "./head_link.ts";
import { nodeMemoryBytes } from "./node_memory.ts";

function readOptions(args: readonly string[]): DaemonOptions & { readonly withParent: boolean } {
  const flags = parseArgs(args, {
    string: [
      "head",
      "token-file",
      "id",
      "cpus",
      "node-dir",
      "objects",
      "objects-disk",
      "object-memory",
      "peer-host",
      "config",
      "lease-ms",
      "log-file",
      "memory",
      "memory-per-slot",
      "allow-write",
      "allow-task-net",
    ],
    collect: ["allow-write", "allow-task-net"],
    boolean: ["with-parent", "offline"],
  });
  const required = (name: string): string => {
    const value = flags[name];
    if (typeof value !== "string" || value === "") {
      throw new UserError(`Cannot start a worker without --${name}`);
    }
    return value;
  };
  const headUrl = required("head");
  const token = Deno.readTextFileSync(required("token-file")).trim();
  const leaseMs = Number(flags["lease-ms"] ?? 600_000);
  return {
    openLink: remoteHead({ headUrl, token, leaseMs }),
    headUrl,
    token,
    workerId: required("id"),
    capacity: {
      cpus: Number(flags.cpus ?? navigator.hardwareConcurrency),
      memoryBytes: Number(flags.memory ?? nodeMemoryBytes()),
    },
    nodeDir: required("node-dir"),
    sharedObjects: flags.objects === undefined
      ? undefined
      : { memory: required("objects"), disk: required("objects-disk") },
    objectMemoryBytes: flags["object-memory"] === undefined
      ? undefined
      : Number(flags["object-memory"]),
    peerHost: flags["peer-host"] as string | undefined,
    writableDirs: flags["allow-write"] as string[],
    allowedNet: flags["allow-task-net"] as string[],
    configPath: flags.config as string | undefined,
    isOffline: flags.offline === true,
    memoryPerSlotBytes: flags["memory-per-slot"] === undefined
      ? undefined
      : Number(flags["memory-per-slot"]),
    logPath: required("log-file"),
    onNotice: log,
    withParent: flags["with-parent"] === true,
  };
}

function log(message: string): void {
  // deno-lint-ignore no-console -- the daemon's log is its standard error
  console.error(JSON.stringify({ time: new Date().toISOString(), pid: Deno.pid, message }));
}

/** Resolves when the parent closes our standard input, which it does even when it is killed. */
async function parentGone(): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer) !== null);
}

async function main(): Promise<number> {
  const options = readOptions(Deno.args);
  const daemon = new Daemon(options);
  const { promise: signalled, resolve } = Promise.withResolvers<void>();
  Deno.addSignalListener("SIGTERM", resolve);
  Deno.addSignalListener("SIGINT", resolve);
  try {
    const endings = [daemon.finished, signalled];
    if (options.withParent) endings.push(parentGone());
    await Promise.race(endings);
    return 0;
  } catch (error) {
    log(errorMessage(error));
    return 1;
  } finally {
    await daemon[Symbol.asyncDispose]();
  }
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    log(errorMessage(error));
    Deno.exit(error instanceof UserError ? 2 : 1);
  }
}
