import { type ClusterStatus, connect } from "../../cluster/client/mod.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { formatSize } from "./sizes.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:status",
  summary: "Shows a head, its workers, their processes and the tasks by state.",
  positionals: [],
  flags: [...HEAD_FLAGS, {
    name: "permissions",
    kind: "switch",
    help: "Show what the tasks of each process may do other than usual.",
  }, { name: "json", kind: "switch", help: "Print it as JSON." }],
  epilogue: ["Exit codes: 0 shown · 1 the head cannot be reached · 2 bad input."],
};

const PATIENCE_MS = 3_000;

async function main({ flags }: ParsedFlags): Promise<number> {
  const address = readClusterAddress(flags);
  await using client = connect({ ...address, patienceMs: PATIENCE_MS });
  const status = await client.status();
  print(
    flags.has("json")
      ? `${JSON.stringify(status)}\n`
      : render(address.headUrl, status, flags.has("permissions")),
  );
  return EXIT_CODES.ok;
}

function render(headUrl: string, status: ClusterStatus, withPermissions: boolean): string {
  const tasks = Object.entries(status.tasks).filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`).join(", ") || "none";
  const lines = [
    `Head     ${headUrl}, process ${status.headPid}, peak memory ${
      formatSize(status.headPeakMemoryBytes)
    }`,
    `Tasks    ${tasks}`,
    `Refused  ${status.refusedConnections} connections`,
  ];
  if (status.workers.length === 0) lines.push("Workers  none: deno task worker joins one");
  for (const worker of status.workers) {
    const { workerId, state, capacity, running, queued, preparing, executors } = worker;
    const resources = Object.entries(capacity).map(([name, amount]) =>
      name === "memoryBytes" ? `${formatSize(amount)} memory` : `${amount} ${name}`
    ).join(", ");
    lines.push(
      `Worker   ${workerId}  ${state}${
        resources ? `, ${resources}` : ""
      }, ${running} running, ${queued} queued`,
    );
    for (const key of preparing) lines.push(`           preparing code ${key.slice(0, 12)}`);
    for (const { pid, peakMemoryBytes, tasksDone, permissions } of executors) {
      const may = withPermissions ? `, permissions ${permissions || "usual"}` : "";
      lines.push(
        `           executor ${pid}: ${tasksDone} tasks done, peak memory ${
          formatSize(peakMemoryBytes)
        }${may}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) await runCommand(COMMAND, main);
