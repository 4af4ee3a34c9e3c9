import type { RunRow, Runs } from "../../schemas/runs.ts";
import type { Column } from "../components/data_table.tsx";
import { Filters } from "../components/filters.tsx";
import { Moment, Progress } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { VirtualTable } from "../components/virtual_table.tsx";
import { useLive, useNow } from "../context.ts";
import { formatCount, formatDuration, NOTHING } from "../format.ts";
import { href, type Route } from "../route.ts";

/** How a run looks in a list. */
export const RUN_COLUMNS: readonly Column<RunRow>[] = [
  { title: "State", width: "104px", cell: ({ state }) => <Status state={state} /> },
  {
    title: "Run",
    width: "minmax(120px, 1.6fr)",
    cell: ({ runId }) => <a href={href(["runs", runId])} class="id">{runId}</a>,
  },
  {
    title: "Flow",
    width: "minmax(0, 1fr)",
    isWide: true,
    cell: ({ name }) => name || <span class="soft">tasks alone</span>,
  },
  {
    title: "Progress",
    width: "minmax(0, 1fr)",
    isWide: true,
    cell: (row) => <Progress label={row.runId} {...row} />,
  },
  {
    title: "Tasks",
    width: "96px",
    isNumber: true,
    isWide: true,
    cell: ({ done, failed, running, waiting }) => {
      const total = done + failed + running + waiting;
      return total === 0 ? NOTHING : `${formatCount(done)} / ${formatCount(total)}`;
    },
  },
  {
    title: "Failed",
    width: "64px",
    isNumber: true,
    isWide: true,
    cell: ({ failed }) => failed > 0 ? <b class="bad">{formatCount(failed)}</b> : "0",
  },
  {
    title: "Started",
    width: "96px",
    isNumber: true,
    isWide: true,
    cell: ({ startedAtMs }) => startedAtMs === undefined ? NOTHING : <Moment atMs={startedAtMs} />,
  },
  { title: "Took", width: "92px", isNumber: true, cell: (row) => <RunDuration run={row} /> },
];

/** How long a run took, or takes so far. */
export function RunDuration({ run }: { readonly run: Pick<RunRow, "startedAtMs" | "endedAtMs"> }) {
  const nowMs = useNow();
  const { startedAtMs, endedAtMs = nowMs } = run;
  return <>{startedAtMs === undefined ? NOTHING : formatDuration(endedAtMs - startedAtMs)}</>;
}

/** All runs. */
export function RunsPage({ route }: { readonly route: Route }) {
  const counts = useLive<Runs>("/api/v1/runs?limit=1");
  const states = counts.type === "known" ? counts.value.states : {};
  const query = new URLSearchParams();
  for (const name of ["state", "q"]) {
    const value = route.query.get(name);
    if (value) query.set(name, value);
  }
  const isFiltered = query.size > 0;
  return (
    <div class="tall">
      <h1>Runs</h1>
      <Filters route={route} states={states} searchLabel="Search runs by id or flow" />
      <VirtualTable
        caption="Runs, the newest first"
        target={`/api/v1/runs${isFiltered ? `?${query}` : ""}`}
        columns={RUN_COLUMNS}
        keyOf={({ runId }) => runId}
        empty={isFiltered ? "No run fits" : "No run was started here yet"}
        emptyHint={isFiltered
          ? "Take another state, or less of a search."
          : "Start one: deno task production --head with this address."}
      />
    </div>
  );
}
