import { useEffect, useState } from "preact/hooks";
import type { Nodes, Overview, Sample, Series } from "../../schemas/cluster.ts";
import type { Runs } from "../../schemas/runs.ts";
import { Chart } from "../components/chart.tsx";
import { DataTable } from "../components/data_table.tsx";
import { Document, Empty, Meter, Panel } from "../components/parts.tsx";
import { useLive } from "../context.ts";
import { compareNames, formatAmount, formatBytes, formatCount, formatUsd } from "../format.ts";
import { href } from "../route.ts";
import { FailureList } from "./failures.tsx";
import { RUN_COLUMNS } from "./runs.tsx";

const MAX_POINTS = 900;

/** The cluster at a glance. */
export function OverviewPage() {
  const overview = useLive<Overview>("/api/v1/overview");
  return (
    <>
      <h1>Overview</h1>
      <Document state={overview}>
        {(value) => (
          <>
            <Figures overview={value} />
            <Charts sample={value.sample} />
            <div class="two">
              <NodeGrid />
              <Panel
                title="What failed last"
                isFlush
                actions={<a href="#/failures">All failures</a>}
              >
                <FailureList groups={value.failures} />
              </Panel>
            </div>
            <RecentRuns />
          </>
        )}
      </Document>
    </>
  );
}

function Figures({ overview }: { readonly overview: Overview }) {
  const { tasks, totals, nodes, capacity, reserved, queue, runs, objects, cost, cpuHours, sample } =
    overview;
  const living = (nodes.connected ?? 0) + (nodes.draining ?? 0) + (nodes.suspected ?? 0);
  const cpus = capacity.cpus ?? 0;
  return (
    <dl class="figures">
      <Figure
        name="Nodes"
        value={formatCount(living)}
        note={nodes.dead ? `${formatCount(nodes.dead)} gone` : "all there"}
      />
      <Figure
        name="CPUs in use"
        value={`${formatAmount(reserved.cpus ?? 0)} / ${formatAmount(cpus)}`}
        note={<Meter label="CPUs in use" value={reserved.cpus ?? 0} of={cpus} />}
      />
      <Figure
        name="Runs"
        value={formatCount(runs.Running ?? 0)}
        note={`running, of ${formatCount(Object.values(runs).reduce((sum, n) => sum + n, 0))}`}
      />
      <Figure
        name="Tasks running"
        value={formatCount(tasks.running + tasks.assigned)}
        note={queue.length === 0 ? "none queued" : `${formatCount(queue.length)} queued`}
      />
      <Figure
        name="Throughput"
        value={`${formatAmount(sample.endedPerSecond)}/s`}
        note={`${formatCount(totals.succeeded)} done`}
      />
      <Figure
        name="Failed tasks"
        value={formatCount(totals.failed)}
        note={`${formatCount(totals.repeated)} attempts repeated`}
        isBad={totals.failed > 0}
      />
      <Figure
        name="Objects"
        value={formatBytes(objects.sizeBytes)}
        note={`${formatCount(objects.count)} at the head`}
      />
      <Figure
        name="Cost"
        value={cost === undefined
          ? `${cpuHours.toFixed(2)} CPU h`
          : `${formatUsd(cost.usdPerHour)}/h`}
        note={cost === undefined
          ? "no prices known"
          : cost.usdSoFar === undefined
          ? `${formatCount(cost.machines)} machines`
          : `${formatUsd(cost.usdSoFar)} so far`}
      />
    </dl>
  );
}

function Figure({ name, value, note, isBad = false }: {
  readonly name: string;
  readonly value: string;
  readonly note: preact.ComponentChildren;
  readonly isBad?: boolean;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isBad ? "value bad" : "value"}>{value}</dd>
      <dd class="note">{note}</dd>
    </div>
  );
}

/** The series so far, and every further second as the overview tells it. */
function useSeries(sample: Sample): Series | undefined {
  const first = useLive<Series>("/api/v1/series");
  const [points, setPoints] = useState<readonly Sample[]>([]);
  useEffect(() => {
    setPoints((known) =>
      known.at(-1)?.atMs === sample.atMs ? known : [...known, sample].slice(-MAX_POINTS)
    );
  }, [sample.atMs]);
  if (first.type !== "known") return undefined;
  const series = first.value;
  const newer = points.filter(({ atMs }) => atMs > (series.atMs.at(-1) ?? 0));
  const join = (name: keyof Sample) =>
    [...series[name], ...newer.map((point) => point[name])].slice(-MAX_POINTS);
  return {
    stepMs: series.stepMs,
    measuredFromMs: series.measuredFromMs,
    atMs: join("atMs"),
    endedPerSecond: join("endedPerSecond"),
    failedPerSecond: join("failedPerSecond"),
    running: join("running"),
    ready: join("ready"),
    cpusReserved: join("cpusReserved"),
    cpusTotal: join("cpusTotal"),
  };
}

function Charts({ sample }: { readonly sample: Sample }) {
  const series = useSeries(sample);
  if (series === undefined) return <div class="charts" />;
  const measured = (values: readonly number[]) =>
    values.map((value, i) => series.atMs[i] < series.measuredFromMs ? null : value);
  return (
    <div class="charts">
      <Chart
        title="Attempts ended"
        unit="per second"
        atMs={series.atMs}
        lines={[
          { label: "all", colour: "--accent", values: series.endedPerSecond, isFilled: true },
          { label: "badly", colour: "--bad", values: series.failedPerSecond },
        ]}
      />
      <Chart
        title="CPUs"
        unit=""
        atMs={series.atMs}
        lines={[
          {
            label: "in use",
            colour: "--accent",
            values: measured(series.cpusReserved),
            isFilled: true,
          },
          { label: "there", colour: "--soft", values: measured(series.cpusTotal), isDashed: true },
        ]}
      />
      <Chart
        title="Tasks"
        unit=""
        atMs={series.atMs}
        lines={[
          { label: "queued", colour: "--warn", values: measured(series.ready) },
          { label: "running", colour: "--accent", values: measured(series.running) },
        ]}
      />
    </div>
  );
}

function NodeGrid() {
  const nodes = useLive<Nodes>("/api/v1/nodes");
  return (
    <Panel title="Nodes by load" actions={<a href="#/nodes">All nodes</a>}>
      <Document state={nodes}>
        {({ nodes }) => {
          const rows = Object.values(nodes).filter(({ state }) => state !== "dead")
            .toSorted((a, b) => compareNames(a.nodeId, b.nodeId));
          if (rows.length === 0) {
            return (
              <Empty title="No node has joined">
                Start one: <code>deno task worker --head {location.origin}</code>
              </Empty>
            );
          }
          return (
            <ul class="node-grid">
              {rows.map(({ nodeId, state, capacity, reserved }) => {
                const share = (reserved.cpus ?? 0) / (capacity.cpus || 1);
                const level = Math.min(4, Math.ceil(4 * share));
                const words = `${nodeId}: ${Math.round(100 * share)} % of ${
                  formatAmount(capacity.cpus ?? 0)
                } CPUs, ${state}`;
                return (
                  <li key={nodeId}>
                    <a
                      href={href(["nodes", nodeId])}
                      class={`cell level-${level} ${state}`}
                      title={words}
                      aria-label={words}
                    />
                  </li>
                );
              })}
            </ul>
          );
        }}
      </Document>
    </Panel>
  );
}

function RecentRuns() {
  const runs = useLive<Runs>("/api/v1/runs?limit=6");
  return (
    <Panel title="Newest runs" isFlush actions={<a href="#/runs">All runs</a>}>
      <Document state={runs}>
        {({ rows }) => (
          <DataTable
            caption="The newest runs"
            columns={RUN_COLUMNS}
            rows={rows}
            keyOf={({ runId }) => runId}
            empty="No run was started here yet"
          />
        )}
      </Document>
    </Panel>
  );
}
