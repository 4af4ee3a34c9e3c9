import type { ActorRow, Actors } from "../../schemas/cluster.ts";
import { type Column, DataTable } from "../components/data_table.tsx";
import { Document } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { useLive } from "../context.ts";
import { formatCount, NOTHING } from "../format.ts";
import { href } from "../route.ts";

/** How an actor looks in a list. */
export const ACTOR_COLUMNS: readonly Column<ActorRow>[] = [
  { title: "State", cell: ({ state }) => <Status state={state} /> },
  {
    title: "Actor",
    cell: ({ actorId, className, name }) => (
      <a href={href(["tasks", actorId])}>{name ?? className}</a>
    ),
  },
  { title: "Class", isWide: true, cell: ({ className }) => className },
  {
    title: "Node",
    cell: ({ nodeId }) =>
      nodeId === undefined ? NOTHING : <a href={href(["nodes", nodeId])} class="id">{nodeId}</a>,
  },
  { title: "Calls under way", isNumber: true, cell: ({ calls }) => formatCount(calls) },
];

/** All living actors. */
export function ActorsPage() {
  const actors = useLive<Actors>("/api/v1/actors");
  return (
    <>
      <h1>Actors</h1>
      <div class="panel flush">
        <Document state={actors}>
          {({ actors }) => (
            <DataTable
              caption="Living actors"
              columns={ACTOR_COLUMNS}
              rows={Object.values(actors)}
              keyOf={({ actorId }) => actorId}
              empty="No actor lives here"
            />
          )}
        </Document>
      </div>
    </>
  );
}
