import type { DeploymentRow, Deployments } from "../../schemas/deployments.ts";
import { ActionButton } from "../components/action_button.tsx";
import { type Column, DataTable } from "../components/data_table.tsx";
import { Document, Moment } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { useLive, useNow } from "../context.ts";
import { formatCount, formatDuration, formatTime, NOTHING } from "../format.ts";
import { href } from "../route.ts";

const COLUMNS: readonly Column<DeploymentRow>[] = [
  { title: "Schedule", cell: ({ state }) => <Status state={state} /> },
  {
    title: "Deployment",
    cell: ({ name, flowName }) => (
      <>
        <a href={href(["runs"], { q: `${name}-` })} class="id">{name}</a>
        <span class="block soft">{flowName}</span>
      </>
    ),
  },
  { title: "When", isWide: true, cell: ({ schedule }) => schedule },
  { title: "Next run", cell: ({ nextAtMs }) => <Countdown atMs={nextAtMs} /> },
  {
    title: "Last run",
    isWide: true,
    cell: ({ lastRun }) =>
      lastRun === undefined
        ? NOTHING
        : (
          <a href={href(["runs", lastRun.runId])} title={lastRun.runId}>
            <Status state={lastRun.state} />
            <span class="block">
              <Moment atMs={lastRun.atMs} />
            </span>
          </a>
        ),
  },
  { title: "Open", isNumber: true, isWide: true, cell: ({ openRuns }) => formatCount(openRuns) },
  {
    title: "Arguments",
    isWide: true,
    cell: ({ arguments: given }) => given === "[]" ? NOTHING : <code>{given}</code>,
  },
  { title: "Actions", isNumber: true, cell: (row) => <Actions row={row} /> },
];

function Countdown({ atMs }: { readonly atMs: number | undefined }) {
  const nowMs = useNow();
  if (atMs === undefined) return <>{NOTHING}</>;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatTime(atMs)}>
      {atMs <= nowMs ? "now" : `in ${formatDuration(atMs - nowMs)}`}
    </time>
  );
}

function Actions({ row: { name, state } }: { readonly row: DeploymentRow }) {
  const target = `/api/v1/deployments/${encodeURIComponent(name)}`;
  return (
    <div class="row-actions">
      <ActionButton
        label="Run now"
        path={`${target}/run`}
        question={`Start a run of ${name} now? Its schedule stays as it is.`}
      />
      {state === "on" && (
        <ActionButton
          label="Pause"
          path={`${target}/pause`}
          question={`Pause the schedule of ${name}? What runs goes on.`}
        />
      )}
      {state === "paused" && (
        <ActionButton
          label="Resume"
          path={`${target}/resume`}
          question={`Let the schedule of ${name} go on? Times meanwhile count as missed.`}
        />
      )}
    </div>
  );
}

/** All deployments: what runs by name and by schedule. */
export function DeploymentsPage() {
  const deployments = useLive<Deployments>("/api/v1/deployments");
  return (
    <>
      <h1>Deployments</h1>
      <Document state={deployments}>
        {({ isServed, deployments }) => {
          const rows = Object.values(deployments);
          return (
            <>
              {!isServed && rows.length > 0 && (
                <p class="lede">
                  This head runs no schedules itself: they need{" "}
                  <code>deno task flow -- serve</code>, or a head with <code>--flows</code>.
                </p>
              )}
              <div class="panel flush">
                <DataTable
                  caption="Deployments"
                  columns={COLUMNS}
                  rows={rows}
                  keyOf={({ name }) => name}
                  empty="Nothing is deployed here yet: deno task flow -- deploy NAME FILE --cron …"
                />
              </div>
            </>
          );
        }}
      </Document>
    </>
  );
}
