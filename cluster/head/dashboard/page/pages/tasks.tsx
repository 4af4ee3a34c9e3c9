import type { Overview } from "../../schemas/cluster.ts";
import type { TaskRow } from "../../schemas/tasks.ts";
import { AttemptTable, TASK_COLUMN } from "../components/attempt_table.tsx";
import type { Column } from "../components/data_table.tsx";
import { Filters } from "../components/filters.tsx";
import { Moment } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { Tabs } from "../components/tabs.tsx";
import { VirtualTable } from "../components/virtual_table.tsx";
import { useLive } from "../context.ts";
import { formatCount, NOTHING } from "../format.ts";
import { href, type Route } from "../route.ts";

const COLUMNS: readonly Column<TaskRow>[] = [
  { title: "State", width: "104px", cell: ({ state }) => <Status state={state} /> },
  TASK_COLUMN,
  {
    title: "Run",
    width: "minmax(0, 0.8fr)",
    isWide: true,
    cell: ({ runId }) => <a href={href(["runs", runId])} class="id">{runId}</a>,
  },
  {
    title: "Node",
    width: "minmax(0, 0.7fr)",
    isWide: true,
    cell: ({ nodeId }) =>
      nodeId === undefined ? NOTHING : <a href={href(["nodes", nodeId])} class="id">{nodeId}</a>,
  },
  {
    title: "Why",
    width: "minmax(0, 1fr)",
    isWide: true,
    cell: ({ error }) => error === undefined ? "" : <span title={error}>{error}</span>,
  },
  {
    title: "Repeated",
    width: "76px",
    isNumber: true,
    isWide: true,
    cell: ({ failures, losses }) => formatCount(failures + losses),
  },
  {
    title: "Came",
    width: "92px",
    isNumber: true,
    cell: ({ submittedAtMs }) => <Moment atMs={submittedAtMs} />,
  },
];

const ENDS = ["succeeded", "failed", "timed_out", "cancelled", "lost"];

/** Tasks that the head knows, and attempts that ended. */
export function TasksPage({ route }: { readonly route: Route }) {
  const isEnded = route.parts[1] === "ended";
  const overview = useLive<Overview>("/api/v1/overview");
  const query: Record<string, string> = {};
  for (const name of ["state", "q", "run", "node", "name"]) {
    const value = route.query.get(name);
    if (value) query[name] = value;
  }
  const states = overview.type === "known" && !isEnded ? overview.value.tasks : {};
  const isFiltered = Object.keys(query).length > 0;
  return (
    <div class="tall">
      <h1>Tasks</h1>
      <Tabs
        base={["tasks"]}
        chosen={isEnded ? "ended" : ""}
        tabs={[["", "Now"], ["ended", "Ended"]]}
      />
      <Filters
        route={route}
        states={isEnded ? Object.fromEntries(ENDS.map((end) => [end, undefined])) : states}
        searchLabel="Search tasks by name or id"
      />
      {isEnded
        ? (
          <AttemptTable
            query={query}
            empty={isFiltered ? "No attempt fits" : "Nothing has ended yet"}
          />
        )
        : (
          <VirtualTable
            caption="Tasks that the head knows"
            target={`/api/v1/tasks${isFiltered ? `?${new URLSearchParams(query)}` : ""}`}
            columns={COLUMNS}
            keyOf={({ taskId }) => taskId}
            empty={isFiltered ? "No task fits" : "The head has nothing to do"}
            emptyHint={isFiltered ? undefined : "What has ended is under Ended."}
          />
        )}
    </div>
  );
}
