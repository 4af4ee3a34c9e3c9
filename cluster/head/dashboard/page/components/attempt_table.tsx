import type { AttemptRow } from "../../schemas/tasks.ts";
import { formatDuration, NOTHING } from "../format.ts";
import { href } from "../route.ts";
import type { Column } from "./data_table.tsx";
import { Moment } from "./parts.tsx";
import { Status } from "./status.tsx";
import { VirtualTable } from "./virtual_table.tsx";

/** A task by its name, which leads to its page. */
export const TASK_COLUMN: Column<{ readonly name: string; readonly taskId: string }> = {
  title: "Task",
  width: "minmax(120px, 1fr)",
  cell: ({ name, taskId }) => (
    <a href={href(["tasks", taskId])}>
      {name} <span class="soft id">{shortId(taskId)}</span>
    </a>
  ),
};

const COLUMNS: readonly Column<AttemptRow>[] = [
  { title: "End", width: "104px", cell: ({ end }) => <Status state={end} /> },
  TASK_COLUMN,
  {
    title: "Node",
    width: "minmax(0, 0.7fr)",
    isWide: true,
    cell: ({ nodeId }) => <a href={href(["nodes", nodeId])} class="id">{nodeId}</a>,
  },
  {
    title: "Why",
    width: "minmax(0, 1.4fr)",
    isWide: true,
    cell: ({ cause }) => cause === undefined ? "" : <span title={cause}>{cause}</span>,
  },
  {
    title: "Waited",
    width: "88px",
    isNumber: true,
    isWide: true,
    cell: ({ readyAtMs, startedAtMs }) =>
      startedAtMs === undefined ? NOTHING : formatDuration(startedAtMs - readyAtMs),
  },
  {
    title: "Took",
    width: "88px",
    isNumber: true,
    cell: ({ durationMs }) => formatDuration(durationMs),
  },
  {
    title: "Ended",
    width: "92px",
    isNumber: true,
    isWide: true,
    cell: ({ endedAtMs }) => <Moment atMs={endedAtMs} />,
  },
];

/** Attempts that ended, the newest first. */
export function AttemptTable({ query, empty }: {
  readonly query: Readonly<Record<string, string>>;
  readonly empty: string;
}) {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  return (
    <VirtualTable
      caption="Attempts that ended, the newest first"
      target={`/api/v1/attempts${given.length === 0 ? "" : `?${new URLSearchParams(given)}`}`}
      columns={COLUMNS}
      keyOf={({ attemptId }) => String(attemptId)}
      empty={empty}
    />
  );
}

/** The end of an id, by which its tasks are told apart. */
export function shortId(taskId: string): string {
  return taskId.length <= 12 ? taskId : `…${taskId.slice(-10)}`;
}
