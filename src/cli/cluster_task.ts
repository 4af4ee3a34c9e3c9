import type { AttemptRecord } from "../../cluster/head/telemetry/attempt_record.ts";
import type { TaskReport } from "../../cluster/head/telemetry/task_report.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { requestHead } from "./head_request.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:task",
  summary: "Shows a task: where it stands, its attempts, and why it went from state to state.",
  positionals: ["TASK"],
  flags: [...HEAD_FLAGS, { name: "json", kind: "switch", help: "Print it as JSON." }],
  epilogue: [
    "A task that ended and was released is known by its attempts alone, as long as the history keeps them.",
    "Exit codes: 0 shown · 1 failed · 2 bad input, no head, or no such task.",
  ],
};

async function main({ flags, positionals: [taskId] }: ParsedFlags): Promise<number> {
  const path = `/tasks/${encodeURIComponent(taskId)}`;
  const response = await requestHead(readClusterAddress(flags), path);
  const report = await response.json() as TaskReport;
  print(flags.has("json") ? `${JSON.stringify(report)}\n` : render(report));
  return EXIT_CODES.ok;
}

function render({ taskId, task, attempts }: TaskReport): string {
  const lines = [`Task      ${taskId}`];
  if (task === null) lines.push(`State     ended and released; it was ${attempts.at(-1)?.name}`);
  else lines.push(...renderTask(task));
  for (const attempt of attempts) lines.push(renderAttempt(attempt));
  for (const { attemptId, workerId, isStarted } of task?.attempts ?? []) {
    lines.push(
      `Attempt   ${attemptId} on ${workerId}: ${isStarted ? "running" : "about to start"}`,
    );
  }
  for (const { atMs, from, to, cause } of task?.story ?? []) {
    lines.push(`Story     ${time(atMs)}  ${from} → ${to}: ${cause}`);
  }
  return `${lines.join("\n")}\n`;
}

function renderTask(task: NonNullable<TaskReport["task"]>): string[] {
  const { name, state, runId, failures, losses, submittedAtMs, readyAtMs, finishedAtMs } = task;
  const resources = Object.entries(task.resources).map(([key, amount]) => `${amount} ${key}`);
  return [
    `State     ${state}, ${failures} failures, ${losses} losses`,
    `Name      ${name}, of run ${runId}`,
    `Needs     ${resources.join(", ") || "nothing"}, priority ${task.priority}`,
    `Submitted ${time(submittedAtMs)}`,
    ...(readyAtMs === undefined ? [] : [`Ready     ${time(readyAtMs)}`]),
    ...(finishedAtMs === undefined ? [] : [`Ended     ${time(finishedAtMs)}`]),
    ...task.blockers.map(({ taskId, state }) => `Waits for ${taskId}, which is ${state}`),
    ...(task.error === undefined
      ? []
      : [`Error     ${task.error.kind}: ${task.error.name}: ${task.error.message}`]),
  ];
}

function renderAttempt(attempt: AttemptRecord): string {
  const { attemptId, workerId, end, startedAtMs, endedAtMs, assignedAtMs, cause } = attempt;
  const span = startedAtMs === undefined
    ? `from ${time(assignedAtMs)}, never started`
    : `from ${time(startedAtMs)} for ${Math.round(endedAtMs - startedAtMs)} ms`;
  return `Attempt   ${attemptId} on ${workerId}: ${end}, ${span}${cause ? `; ${cause}` : ""}`;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

if (import.meta.main) await runCommand(COMMAND, main);
