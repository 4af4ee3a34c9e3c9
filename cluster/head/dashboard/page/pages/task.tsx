import type { TaskDetail } from "../../schemas/tasks.ts";
import { ActionButton } from "../components/action_button.tsx";
import { DataTable } from "../components/data_table.tsx";
import { LogView } from "../components/log_view.tsx";
import { Document, Facts, Moment, Panel } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { useLive } from "../context.ts";
import { formatDuration, formatResource, formatTime, resourceLabel } from "../format.ts";
import { href } from "../route.ts";

const ENDED = /^(succeeded|failed|cancelled|forgotten)$/;

/** One task: why it failed first, then everything else. */
export function TaskPage({ taskId }: { readonly taskId: string }) {
  const target = `/api/v1/tasks/${encodeURIComponent(taskId)}`;
  const task = useLive<TaskDetail>(target);
  return (
    <Document state={task}>
      {(value) => (
        <>
          <div class="title">
            <p class="crumbs">
              <a href="#/tasks">Tasks</a>
            </p>
            <h1>{value.name}</h1>
            <Status
              state={value.state === "forgotten" ? value.attempts[0]?.end ?? "ended" : value.state}
            />
            <div class="actions">
              {!ENDED.test(value.state) && (
                <ActionButton
                  label="Cancel"
                  path={`${target}/cancel`}
                  question={`Cancel ${value.name}? Tasks that read its result are cancelled, too.`}
                  isDangerous
                />
              )}
            </div>
          </div>
          <Cause task={value} />
          <TaskFacts task={value} />
          <Attempts task={value} />
          <Story task={value} />
          <h2>What it wrote</h2>
          <LogView scope={{ task: taskId }} />
        </>
      )}
    </Document>
  );
}

function Cause({ task: { error, attempts } }: { readonly task: TaskDetail }) {
  const cause = error === undefined
    ? attempts.find((attempt) => attempt.cause !== undefined && attempt.end !== "recalled")?.cause
    : `${error.name}: ${error.message}`;
  if (cause === undefined) return null;
  return (
    <div class="cause" role="alert" tabIndex={0}>
      <p>{error !== undefined && <b>{error.kind.replaceAll("_", " ")}</b>} {cause}</p>
      {error?.stack !== undefined && (
        <details>
          <summary>Stack</summary>
          <pre tabIndex={0} aria-label="Stack">{error.stack}</pre>
        </details>
      )}
    </div>
  );
}

function TaskFacts({ task }: { readonly task: TaskDetail }) {
  const { taskId, runId, submittedAtMs, resources = {}, priority, blockers, live } = task;
  const needs = Object.entries(resources).filter(([, amount]) => amount > 0)
    .map(([name, amount]) => `${resourceLabel(name)} ${formatResource(name, amount)}`).join(", ");
  return (
    <Facts
      rows={[
        { name: "Id", value: <code class="hash">{taskId}</code> },
        { name: "Run", value: <a href={href(["runs", runId])} class="id">{runId}</a> },
        { name: "Came", value: <Moment atMs={submittedAtMs} /> },
        { name: "Needs", value: needs || "nothing" },
        ...(priority ? [{ name: "Priority", value: String(priority) }] : []),
        ...live.map(({ nodeId, isStarted }) => ({
          name: isStarted ? "Runs on" : "Is at",
          value: <a href={href(["nodes", nodeId])} class="id">{nodeId}</a>,
        })),
        ...(blockers.length === 0 ? [] : [{
          name: "Waits for",
          value: blockers.map((blocker) => (
            <a key={blocker.taskId} href={href(["tasks", blocker.taskId])} class="id block">
              {blocker.taskId} ({blocker.state})
            </a>
          )),
        }]),
      ]}
    />
  );
}

function Attempts({ task: { attempts } }: { readonly task: TaskDetail }) {
  return (
    <Panel title="Attempts that ended" isFlush>
      <DataTable
        caption="Attempts that ended"
        columns={[
          { title: "End", cell: ({ end }) => <Status state={end} /> },
          {
            title: "Node",
            cell: ({ nodeId }) => <a href={href(["nodes", nodeId])} class="id">{nodeId}</a>,
          },
          { title: "Why", isWide: true, cell: ({ cause }) => cause ?? "" },
          { title: "Took", isNumber: true, cell: (row) => formatDuration(row.durationMs) },
          { title: "Ended", isNumber: true, cell: ({ endedAtMs }) => <Moment atMs={endedAtMs} /> },
        ]}
        rows={attempts}
        keyOf={({ attemptId }) => String(attemptId)}
        empty="None yet"
      />
    </Panel>
  );
}

function Story({ task: { story } }: { readonly task: TaskDetail }) {
  if (story.length === 0) return null;
  return (
    <Panel title="What happened" isFlush>
      <DataTable
        caption="Changes of its state"
        columns={[
          { title: "When", cell: ({ atMs }) => formatTime(atMs) },
          { title: "State", cell: ({ to }) => <Status state={to} /> },
          { title: "Why", cell: ({ cause }) => cause },
        ]}
        rows={[...story].reverse()}
        keyOf={({ atMs, to, from }) => `${atMs} ${from} ${to}`}
        empty="Nothing"
      />
    </Panel>
  );
}
