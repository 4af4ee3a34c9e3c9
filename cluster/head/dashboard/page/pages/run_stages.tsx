import type { RunArtifact, RunDetail, RunStage } from "../../schemas/runs.ts";
import { type Column, DataTable } from "../components/data_table.tsx";
import { Graph } from "../components/graph.tsx";
import { Meter, Panel, Progress } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { formatCount, formatDuration, formatPercent, formatTime, NOTHING } from "../format.ts";
import { RunDuration } from "./runs.tsx";

const MAX_UNDER_WAY = 12;

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

/** The stages of a run: as a graph, as a table, how far their tasks are, and what happened to the run. */
export function Stages({ run }: { readonly run: RunDetail }) {
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
              {
                title: "Why",
                cell: ({ reason }) => <span class="clamp" title={reason}>{reason}</span>,
              },
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
