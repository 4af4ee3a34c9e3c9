import { useState } from "preact/hooks";
import type {
  LedgerState,
  RunArtifact,
  RunDetail,
  RunStage,
  Timeline,
} from "../../schemas/runs.ts";
import { ActionButton } from "../components/action_button.tsx";
import { Artifact } from "../components/artifact.tsx";
import { AttemptTable } from "../components/attempt_table.tsx";
import { type Column, DataTable } from "../components/data_table.tsx";
import { Gantt, type TimeRange } from "../components/gantt.tsx";
import { Graph } from "../components/graph.tsx";
import { LogView } from "../components/log_view.tsx";
import { Document, Empty, Facts, Meter, Moment, Panel, Progress } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { Tabs } from "../components/tabs.tsx";
import { useLive } from "../context.ts";
import {
  formatClock,
  formatCount,
  formatDuration,
  formatPercent,
  formatTime,
  NOTHING,
} from "../format.ts";
import { href, type Route } from "../route.ts";
import { RunDuration } from "./runs.tsx";

const REPORT_KEY = "report.html";
const MAX_UNDER_WAY = 12;

/** One run. */
export function RunPage({ runId, route }: { readonly runId: string; readonly route: Route }) {
  const target = `/api/v1/runs/${encodeURIComponent(runId)}`;
  const run = useLive<RunDetail>(target);
  return (
    <Document state={run}>
      {(value) => (
        <>
          <RunHead run={value} target={target} />
          <RunParts run={value} target={target} tab={route.parts[2] ?? ""} />
        </>
      )}
    </Document>
  );
}

function RunHead({ run, target }: { readonly run: RunDetail; readonly target: string }) {
  const { runId, parentRunId, name, state, startedAtMs, error, done, failed, running, waiting } =
    run;
  return (
    <>
      <div class="title">
        <p class="crumbs">
          <a href="#/runs">Runs</a>
        </p>
        <h1 class="id">{runId}</h1>
        <Status state={state} />
        <div class="actions">
          {run.canPause && (
            <ActionButton
              label="Pause"
              path={`${target}/pause`}
              question={`Pause run ${runId}? What runs goes on, nothing more is started.`}
            />
          )}
          {run.canResume && (
            <ActionButton
              label="Resume"
              path={`${target}/resume`}
              question={`Let run ${runId} go on?`}
            />
          )}
          {run.canRetry && (
            <ActionButton
              label="Retry"
              path={`${target}/retry`}
              question={`Go on with run ${runId}? What it has done stays; what is missing is done.`}
            />
          )}
          {run.canCancel && (
            <ActionButton
              label="Cancel"
              path={`${target}/cancel`}
              question={`Cancel run ${runId}? Its tasks end; what they have done stays.`}
              isDangerous
            />
          )}
        </div>
      </div>
      {run.endedAtMs === undefined && <Approvals run={run} target={target} />}
      {error !== undefined && <p class="cause" role="alert">{error}</p>}
      <Facts
        rows={[
          { name: "Flow", value: name || "tasks alone" },
          ...(parentRunId === undefined ? [] : [{
            name: "Part of",
            value: <a href={href(["runs", parentRunId])} class="id">{parentRunId}</a>,
          }]),
          {
            name: "Started",
            value: startedAtMs === undefined ? NOTHING : <Moment atMs={startedAtMs} />,
          },
          { name: "Took", value: <RunDuration run={run} /> },
          {
            name: "Tasks",
            value: `${formatCount(done)} done (${formatCount(run.cached)} from the cache), ${
              formatCount(failed)
            } failed, ${formatCount(running)} running, ${formatCount(waiting)} waiting`,
          },
        ]}
      />
      <Progress label="Tasks" {...run} />
    </>
  );
}

function Approvals({ run, target }: { readonly run: RunDetail; readonly target: string }) {
  return (
    <>
      {run.approvals.filter(({ decision }) => decision === undefined).map(({ name, prompt }) => {
        const path = `${target}/approvals/${encodeURIComponent(name)}`;
        return (
          <section class="approval" key={name} aria-label={`Approval ${name}`}>
            <p>
              <b>{name}</b> {prompt}
            </p>
            <div class="actions">
              <ActionButton
                label="Approve"
                path={`${path}/approve`}
                question={`Approve? ${prompt}`}
              />
              <ActionButton
                label="Reject"
                path={`${path}/reject`}
                question={`Reject? ${prompt}`}
                isDangerous
              />
            </div>
          </section>
        );
      })}
    </>
  );
}

function RunParts({ run, target, tab }: {
  readonly run: RunDetail;
  readonly target: string;
  readonly tab: string;
}) {
  const hasReport = run.artifacts.some(({ key }) => key === REPORT_KEY);
  const others = run.artifacts.filter(({ key }) => key !== REPORT_KEY).length;
  return (
    <>
      <Tabs
        base={["runs", run.runId]}
        chosen={tab}
        tabs={[
          ["", "Stages"],
          ["timeline", "Timeline"],
          ["attempts", "Attempts"],
          ["logs", "Logs"],
          ["parameters", "Parameters"],
          ["artifacts", `Artifacts${others > 0 ? ` ${formatCount(others)}` : ""}`],
          ...(hasReport ? [["report", "Report"] as const] : []),
          ...(run.hasLedger ? [["ledger", "Ledger"] as const] : []),
        ]}
      />
      {tab === "" && <Stages run={run} />}
      {tab === "timeline" && <TimelinePart target={target} />}
      {tab === "attempts" && (
        <div class="tall inner">
          <AttemptTable query={{ run: run.runId }} empty="No attempt of this run has ended" />
        </div>
      )}
      {tab === "logs" && (
        <>
          <FlowLog lines={run.lines} />
          <LogView scope={{ run: run.runId }} />
        </>
      )}
      {tab === "parameters" && <Parameters text={run.parameters} />}
      {tab === "artifacts" && <Artifacts run={run} target={target} />}
      {tab === "report" && (
        <iframe
          class="report"
          src={`${target}/files/${REPORT_KEY}`}
          sandbox="allow-scripts allow-popups"
          title={`Report of run ${run.runId}`}
        />
      )}
      {tab === "ledger" && <Ledger target={target} />}
    </>
  );
}

const STAGE_COLUMNS: readonly Column<RunStage>[] = [
  { title: "Stage", cell: ({ name }) => name },
  { title: "State", cell: ({ state }) => <Status state={state} /> },
  {
    title: "Progress",
    isWide: true,
    cell: (stage) => <Progress label={stage.name} {...stage} />,
  },
  { title: "Done", isNumber: true, cell: ({ done }) => formatCount(done) },
  { title: "Cached", isNumber: true, isWide: true, cell: ({ cached }) => formatCount(cached) },
  {
    title: "Failed",
    isNumber: true,
    cell: ({ failed }) => failed > 0 ? <b class="bad">{formatCount(failed)}</b> : "0",
  },
  { title: "Running", isNumber: true, isWide: true, cell: ({ running }) => formatCount(running) },
  { title: "Waiting", isNumber: true, isWide: true, cell: ({ waiting }) => formatCount(waiting) },
  { title: "Took", isNumber: true, cell: (stage) => <RunDuration run={stage} /> },
  {
    title: "Busy",
    isNumber: true,
    isWide: true,
    cell: ({ busyMs }) => busyMs === 0 ? NOTHING : formatDuration(busyMs),
  },
];

/** How far the tasks are that tell so, while they run. */
function UnderWay({ artifacts }: { readonly artifacts: readonly RunArtifact[] }) {
  const told = artifacts.filter(({ kind, key }) => kind === "progress" && key.startsWith("live:"));
  if (told.length === 0) return null;
  return (
    <Panel title="Under way" note="how far tasks say they are">
      <ul class="under-way">
        {told.slice(0, MAX_UNDER_WAY).map(({ key, title, task, fraction = 0 }) => (
          <li key={key}>
            <span>
              {title} <span class="soft">{task}</span>
            </span>
            <Meter label={title} value={fraction} of={1} text={formatPercent(fraction)} />
            <span class="number">{formatPercent(fraction)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Stages({ run }: { readonly run: RunDetail }) {
  return (
    <>
      {run.stages.length > 0 && (
        <Panel title="Flow" note="solid: results were passed on · dashed: one after the other">
          <Graph stages={run.stages} edges={run.edges} />
        </Panel>
      )}
      <UnderWay artifacts={run.artifacts} />
      <Panel title="Stages" isFlush>
        <DataTable
          caption="Stages"
          columns={STAGE_COLUMNS}
          rows={run.stages}
          keyOf={({ name }) => name}
          empty="No task was called yet: stages show here as soon as they begin"
        />
      </Panel>
      {run.transitions.length > 0 && (
        <Panel title="What happened" isFlush>
          <DataTable
            caption="Changes of the run's state"
            columns={[
              { title: "When", cell: ({ atMs }) => formatTime(atMs) },
              { title: "State", cell: ({ to }) => <Status state={to} /> },
              { title: "Why", cell: ({ reason }) => reason },
            ]}
            rows={[...run.transitions].reverse()}
            keyOf={({ atMs, to }) => `${atMs} ${to}`}
            empty="Nothing"
          />
        </Panel>
      )}
    </>
  );
}

function TimelinePart({ target }: { readonly target: string }) {
  const [range, setRange] = useState<TimeRange>();
  const query = range === undefined ? "" : `?from=${range.fromMs}&to=${range.toMs}`;
  const timeline = useLive<Timeline>(`${target}/timeline${query}`);
  return (
    <Panel
      title="Attempts by node"
      actions={range !== undefined && (
        <button
          type="button"
          class="button"
          onClick={() => setRange(undefined)}
        >
          Show all
        </button>
      )}
    >
      <Document state={timeline}>
        {(value) =>
          value.attempts === 0
            ? <Empty title="Nothing ran here">Attempts show here as soon as they start.</Empty>
            : <Gantt timeline={value} onSelect={setRange} />}
      </Document>
    </Panel>
  );
}

function Parameters({ text }: { readonly text: string }) {
  if (text === "") return <Empty title="Nobody gave this run parameters" />;
  return <pre class="code" tabIndex={0} aria-label="Parameters">{prettyJson(text)}</pre>;
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Artifacts({ run, target }: { readonly run: RunDetail; readonly target: string }) {
  if (run.artifacts.length === 0) {
    return (
      <Empty title="This run left nothing behind yet">
        Tables, files and links of its tasks show here.
      </Empty>
    );
  }
  return (
    <div class="artifacts">
      {run.artifacts.map((artifact) => (
        <Artifact key={artifact.key} artifact={artifact} files={`${target}/files`} />
      ))}
    </div>
  );
}

const VERDICTS = {
  intact: "Every record is there, unchanged and in its place.",
  broken: "The chain of records does not hold.",
  open: "The chain holds; some intents have no outcome yet.",
} as const;

function Ledger({ target }: { readonly target: string }) {
  const ledger = useLive<LedgerState>(`${target}/ledger`);
  return (
    <Panel title="Audit ledger">
      <Document state={ledger}>
        {({ verdict, records, headHash, detail }) => (
          <Facts
            rows={[
              { name: "Verdict", value: <Status state={verdict} /> },
              { name: "Meaning", value: VERDICTS[verdict] },
              { name: "Records", value: formatCount(records) },
              { name: "Head", value: <code class="hash">{headHash}</code> },
              ...(detail === "" ? [] : [{ name: "Detail", value: detail }]),
            ]}
          />
        )}
      </Document>
    </Panel>
  );
}

function FlowLog({ lines }: { readonly lines: RunDetail["lines"] }) {
  if (lines.length === 0) return null;
  return (
    <Panel title="What the flow said">
      <ol class="flow-log">
        {lines.map(({ atMs, level, text }, i) => (
          <li key={i} class={level}>
            <time>{formatClock(atMs)}</time> {text}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
