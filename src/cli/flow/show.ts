import type { FamilyCommand, Terminal } from "../command_family.ts";
import type { ArtifactContent } from "../../flow/artifact_content.ts";
import type { RunViews } from "../../flow/store/run_views.ts";
import { isTerminal } from "../../flow/states.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import {
  EXIT_CODES_TEXT,
  JSON_FLAG,
  openStore,
  OUT_FLAG,
  requireRun,
  withViews,
} from "./flow_command.ts";
import { tableLines } from "../table_lines.ts";

const MAX_TASKS_SHOWN = 40;

/** `flow show`: a run with its tasks, questions and artifacts. */
export const FLOW_SHOW: FamilyCommand = {
  brief: "shows a run: tasks, story, questions, artifacts",
  spec: {
    command: "deno task flow -- show",
    summary: "Shows a run with its children, tasks, questions and artifacts.",
    positionals: ["RUN_ID"],
    flags: [
      { name: "story", kind: "switch", help: "Every change of state, with time and reason." },
      OUT_FLAG,
      JSON_FLAG,
    ],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: (parsed, terminal) => {
    const [runId] = parsed.positionals as [string];
    return withViews(parsed, (views) => {
      const run = requireRun(views, runId);
      if (parsed.flags.has("json")) {
        terminal.out(JSON.stringify({
          ...run,
          children: views.list({ parentRunId: runId }),
          tasks: views.taskRuns(runId),
          approvals: views.approvals(runId),
          artifacts: views.artifacts(runId),
          ...(parsed.flags.has("story") && { transitions: views.transitions(runId) }),
        }));
        return EXIT_CODES.ok;
      }
      terminal.out(
        `${runId}: ${run.flowName}(${run.parameters}) is ${run.state}, execution ${run.execution}`,
      );
      if (run.reason !== "") terminal.out(`  ${run.reason}`);
      if (parsed.flags.has("story")) showStory(views, runId, terminal);
      else showParts(views, runId, terminal);
      return EXIT_CODES.ok;
    });
  },
};

function showParts(views: RunViews, runId: string, terminal: Terminal): void {
  const children = views.list({ parentRunId: runId }).reverse();
  section(
    terminal,
    "children",
    children.map((child) => [child.runId, child.flowName, child.state]),
  );
  const tasks = views.taskRuns(runId);
  const shown = tasks.slice(-MAX_TASKS_SHOWN);
  const title = tasks.length > shown.length
    ? `tasks, the last ${shown.length} of ${tasks.length}`
    : "tasks";
  section(
    terminal,
    title,
    shown.map((task) => [
      String(task.seq),
      `${task.taskName}(${task.arguments})`,
      task.state,
      task.attempt > 1 ? `attempt ${task.attempt}` : "",
      task.reason,
    ]),
  );
  section(
    terminal,
    "questions",
    views.approvals(runId).map((
      { name, prompt, decision, note },
    ) => [name, prompt, decision ?? "open", note]),
  );
  section(
    terminal,
    "artifacts",
    views.artifacts(runId).map(({ taskName, name, content }) => [
      taskName ?? "",
      name,
      artifactText(content),
    ]),
  );
}

function showStory(views: RunViews, runId: string, terminal: Terminal): void {
  section(
    terminal,
    "story",
    views.transitions(runId).map(({ atMs, taskSeq, from, to, reason }) => [
      new Date(atMs).toISOString(),
      taskSeq === null ? "run" : `task ${taskSeq}`,
      `${from ?? ""} → ${to}`.trim(),
      reason,
    ]),
  );
}

function section(terminal: Terminal, title: string, rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  terminal.out(`${title}:`);
  for (const line of tableLines(rows)) terminal.out(`  ${line}`);
}

function artifactText(content: ArtifactContent): string {
  switch (content.type) {
    case "table":
      return `${content.title}: ${content.rows.length} rows of ${content.columns.join(", ")}`;
    case "markdown":
      return content.text.split("\n")[0]!;
    case "link":
      return content.url;
    case "progress":
      return `${Math.round(content.fraction * 100)} %`;
    case "image":
      return `${content.title} (${content.mediaType})`;
  }
}

/** `flow logs`: what a run wrote. */
export const FLOW_LOGS: FamilyCommand = {
  brief: "prints what a run wrote to its log",
  spec: {
    command: "deno task flow -- logs",
    summary:
      "Prints what a flow and its local tasks wrote by runLog(). What tasks on a cluster write is shown by\n" +
      "deno task cluster:attach.",
    positionals: ["RUN_ID"],
    flags: [
      { name: "follow", kind: "switch", help: "Go on until the run has ended." },
      OUT_FLAG,
      { ...JSON_FLAG, help: "Print JSON, a line each." },
    ],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: async (parsed, terminal) => {
    const [runId] = parsed.positionals as [string];
    using store = openStore(parsed);
    requireRun(store.runs, runId);
    let last = 0;
    const printNew = () => {
      for (const line of store.runs.logs(runId, { after: last })) {
        last = line.n;
        const { atMs, taskSeq, level, message } = line;
        if (parsed.flags.has("json")) terminal.out(JSON.stringify(line));
        else {
          const whose = taskSeq === null ? "" : ` task ${taskSeq}`;
          terminal.out(`${new Date(atMs).toISOString()} ${level}${whose} ${message}`);
        }
      }
    };
    if (!parsed.flags.has("follow")) printNew();
    else await untilEnded(runId, store, printNew);
    return EXIT_CODES.ok;
  },
};

async function untilEnded(
  runId: string,
  store: ReturnType<typeof openStore>,
  printNew: () => void,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const look = () => {
    const { state, ownerPid } = store.runs.find(runId)!;
    printNew();
    const isDead = ownerPid !== 0 && state !== "Paused" && !store.registry.isExecuted(runId);
    if (isTerminal(state) || isDead) ended.resolve();
  };
  const stopWatching = store.onChange(look);
  look();
  await ended.promise;
  stopWatching();
}
