import { resolve } from "@std/path";
import { makeOwnedFolder } from "../../cluster/objects/owned_folder.ts";
import { Daemon } from "../../cluster/worker/daemon.ts";
import { remoteHead } from "../../cluster/worker/head_link.ts";
import { nodeMemoryBytes } from "../../cluster/worker/node_memory.ts";
import { UserError } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { readAmounts, readPositive } from "./amounts.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, printError, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { writeTokenFile } from "./head_token.ts";
import { parseSizeBytes } from "./sizes.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno task worker",
  summary:
    "Joins this machine to a head and runs its tasks, each in a process with few permissions. The code of\n" +
    "tasks comes with them; their packages are installed by the lock of their project.",
  positionals: [],
  flags: [
    ...HEAD_FLAGS,
    {
      name: "id",
      kind: "value",
      placeholder: "NAME",
      help: "Its name in the cluster, which no other worker may have (default: a new one).",
    },
    {
      name: "cpus",
      kind: "value",
      placeholder: "N",
      help: "Tasks at a time (default: the number of cores).",
    },
    {
      name: "memory",
      kind: "value",
      placeholder: "SIZE",
      help: "Memory that its tasks may reserve together (default: nine tenths of the machine's).",
    },
    {
      name: "memory-per-slot",
      kind: "value",
      placeholder: "SIZE",
      help:
        "Memory of its own that a task may have for each cpu, if it names none (default: no limit).",
    },
    {
      name: "resources",
      kind: "value",
      placeholder: "NAME=AMOUNT,…",
      help: "What else it has for tasks that ask for it, such as gpu=2; a name alone is a label.",
    },
    {
      name: "log-dir",
      kind: "value",
      placeholder: "DIR",
      help: "What tasks write is kept here, besides at the head (default: artifacts/worker-logs).",
    },
    {
      name: "allow-write",
      kind: "value",
      placeholder: "DIR,…",
      help: "Folders into which tasks may write (default: artifacts/store).",
    },
    {
      name: "offline",
      kind: "switch",
      help: "Take packages from Deno's cache alone: this machine has no network.",
    },
    {
      name: "allow-task-net",
      kind: "value",
      placeholder: "HOST,…",
      help: "Hosts that tasks may reach when they ask for it; * for all (default: none).",
    },
    {
      name: "object-memory",
      kind: "value",
      placeholder: "SIZE",
      help:
        "Objects in memory, for instance 4GiB; the rest goes to disk (default: 3/10 of the memory).",
    },
    {
      name: "peer-host",
      kind: "value",
      placeholder: "HOST",
      help:
        "Address of this machine at which other workers fetch objects; none: through the head (default: this\nmachine alone when the head is on it, else none). What goes there is not encrypted.",
    },
    {
      name: "lease",
      kind: "value",
      placeholder: "SECONDS",
      help: "End itself when the head is away for so long (default: 600).",
    },
  ],
  epilogue: [
    "It ends by SIGTERM or Ctrl-C, or when the head releases it. Exit codes: 0 ended · 1 the head is lost · 2 bad input.",
  ],
};

/** Files of a log folder that stay when a worker starts. */
const MAX_OLD_LOGS = 20;

async function main({ flags }: ParsedFlags): Promise<number> {
  const address = readClusterAddress(flags);
  const cpus = readPositive("cpus", flags.get("cpus"), navigator.hardwareConcurrency);
  const leaseMs = 1_000 * readPositive("lease", flags.get("lease"), 600);
  const memory = flags.get("memory");
  const memoryPerSlot = flags.get("memory-per-slot");
  const objectMemory = flags.get("object-memory");
  const workerId = readId(flags.get("id"));
  // What an earlier worker left that was killed is removed.
  using folder = makeOwnedFolder("tradewind-node-");
  await using daemon = new Daemon({
    ...address,
    leaseMs,
    openLink: remoteHead({ ...address, leaseMs }),
    keepToken: (token) => {
      if (token !== address.token()) writeTokenFile(address.tokenFile, token);
    },
    workerId,
    capacity: {
      cpus,
      ...readAmounts("resources", flags.get("resources")),
      memoryBytes: memory === undefined ? nodeMemoryBytes() : parseSizeBytes("memory", memory),
    },
    memoryPerSlotBytes: memoryPerSlot === undefined
      ? undefined
      : parseSizeBytes("memory-per-slot", memoryPerSlot),
    logPath: await newLogPath(resolve(flags.get("log-dir") ?? "artifacts/worker-logs"), workerId),
    nodeDir: folder.path,
    sharedObjects: undefined,
    objectMemoryBytes: objectMemory === undefined
      ? undefined
      : parseSizeBytes("object-memory", objectMemory),
    peerHost: readPeerHost(flags.get("peer-host"), address.headUrl),
    writableDirs: (flags.get("allow-write") ?? "artifacts/store").split(",").map((dir) =>
      resolve(dir)
    ),
    allowedNet: flags.get("allow-task-net")?.split(",") ?? [],
    configPath: undefined,
    isOffline: flags.has("offline"),
    onNotice: (message) => printError(`${new Date().toISOString()} ${message}`),
  });
  print(`Joining ${address.headUrl} with ${cpus} cpus.\n`);
  await Promise.race([daemon.finished, untilSignal()]);
  return EXIT_CODES.ok;
}

/** It names a file, too. */
function readId(text: string | undefined): string {
  if (text === undefined) return newId("worker");
  if (/^\w[\w.-]{0,99}$/.test(text)) return text;
  throw new UserError("command/bad-value", `Cannot use --id ${JSON.stringify(text)}`, {
    hint: "It takes letters, digits, '_', '-' and '.', 100 at most.",
  });
}

/** Where a worker's log goes; the logs of all but the last few workers of the folder are removed. */
async function newLogPath(folder: string, workerId: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name))
    .filter((name) => /^worker_\w+\.jsonl/.test(name)).sort();
  for (const name of names.slice(0, -MAX_OLD_LOGS)) await Deno.remove(`${folder}/${name}`);
  return `${folder}/${workerId}.jsonl`;
}

/** Nodes that reach their head on this machine reach each other here too; others have to be told where. */
function readPeerHost(text: string | undefined, headUrl: string): string | undefined {
  if (text !== undefined) return text === "none" ? undefined : text;
  const { hostname } = new URL(headUrl);
  return hostname === "localhost" || hostname === "127.0.0.1" ? "127.0.0.1" : undefined;
}

if (import.meta.main) await runCommand(COMMAND, main);
