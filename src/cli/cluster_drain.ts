import { delay } from "@std/async/delay";
import {
  type ClusterClient,
  type ClusterStatus,
  connect,
  drainWorker,
} from "../../cluster/client/mod.ts";
import { UserError } from "../base/errors.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { parseDurationMs } from "./durations.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:drain",
  summary:
    "Takes a worker out of a cluster: it gets nothing new, hands back what it has not begun, and ends once\n" +
    "what it runs has ended. NODE is its id, or an end of it that no other has. Waits until it is gone.",
  positionals: ["NODE"],
  flags: [
    ...HEAD_FLAGS,
    {
      name: "deadline",
      kind: "value",
      placeholder: "TIME",
      help: "What still runs after it is stopped, and runs elsewhere (default: none).",
    },
  ],
  epilogue: [
    "Exit codes: 0 the worker is gone · 1 the head cannot be reached · 2 bad input, no such worker.",
  ],
};

const PATIENCE_MS = 10_000;
const LOOK_MS = 200;

type WorkerStatus = ClusterStatus["workers"][number];

async function main({ flags, positionals }: ParsedFlags): Promise<number> {
  const deadline = flags.get("deadline");
  const graceMs = deadline === undefined ? Infinity : parseDurationMs("deadline", deadline);
  const address = readClusterAddress(flags);
  await using client = connect({ ...address, patienceMs: PATIENCE_MS });
  const { workerId } = findWorker(await client.status(), positionals[0]);
  await drainWorker(address, workerId, graceMs);
  const endsAtMs = performance.now() + graceMs;
  await untilGone(client, workerId, async () => {
    // The head was started again, and does not remember.
    await drainWorker(address, workerId, Math.max(0, endsAtMs - performance.now()));
  });
  print(`${workerId} is gone.\n`);
  return EXIT_CODES.ok;
}

function findWorker({ workers }: ClusterStatus, text: string): WorkerStatus {
  const living = workers.filter(({ state }) => state !== "dead");
  const found = living.filter(({ workerId }) => workerId === text || workerId.endsWith(text));
  if (found.length === 1) return found[0];
  const reason = found.length === 0 ? "no worker has this id" : `${found.length} workers have it`;
  throw new UserError("node/unknown", `Cannot drain ${JSON.stringify(text)}: ${reason}`, {
    hint: living.length === 0
      ? "No worker is there."
      : `There are ${living.map(({ workerId }) => workerId).join(", ")}.`,
  });
}

async function untilGone(
  client: ClusterClient,
  workerId: string,
  drainAgain: () => Promise<void>,
): Promise<void> {
  let shown = "";
  while (true) {
    const { workers } = await client.status();
    const worker = workers.find((each) => each.workerId === workerId);
    if (worker === undefined || worker.state === "dead") return;
    if (worker.state === "connected") await drainAgain();
    const line = `${workerId} drains: ${worker.running} running, ${worker.queued} queued\n`;
    if (line !== shown) print(line);
    shown = line;
    await delay(LOOK_MS);
  }
}

if (import.meta.main) await runCommand(COMMAND, main);
