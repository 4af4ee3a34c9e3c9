import { useState } from "preact/hooks";
import type { LedgerState, RunDetail, Timeline } from "../../schemas/runs.ts";
import { Artifact } from "../components/artifact.tsx";
import { AttemptTable } from "../components/attempt_table.tsx";
import { Gantt, type TimeRange } from "../components/gantt.tsx";
import { LogView } from "../components/log_view.tsx";
import { Document, Empty, Facts, Panel } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { Tabs } from "../components/tabs.tsx";
import { useLive } from "../context.ts";
import { formatClock, formatCount } from "../format.ts";
import type { Route } from "../route.ts";
import { RunHead } from "./run_head.tsx";
import { Stages } from "./run_stages.tsx";

const REPORT_KEY = "report.html";

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
          sandbox="allow-popups"
          title={`Report of run ${run.runId}`}
        />
      )}
      {tab === "ledger" && <Ledger target={target} />}
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
