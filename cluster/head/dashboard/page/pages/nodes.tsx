import type { NodeRow, Nodes } from "../../schemas/cluster.ts";
import { type Column, DataTable } from "../components/data_table.tsx";
import { Document, Meter } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { Filters } from "../components/filters.tsx";
import { useLive } from "../context.ts";
import { compareNames, formatAmount, formatBytes, formatCount } from "../format.ts";
import { href, type Route } from "../route.ts";

const COLUMNS: readonly Column<NodeRow>[] = [
  { title: "State", cell: ({ state }) => <Status state={state} /> },
  {
    title: "Node",
    cell: ({ nodeId }) => <a href={href(["nodes", nodeId])} class="id">{nodeId}</a>,
  },
  {
    title: "CPUs",
    isNumber: true,
    cell: ({ capacity, reserved }) =>
      `${formatAmount(reserved.cpus ?? 0)} / ${formatAmount(capacity.cpus ?? 0)}`,
  },
  {
    title: "In use",
    isWide: true,
    cell: ({ nodeId, capacity, reserved }) => (
      <Meter label={`CPUs of ${nodeId}`} value={reserved.cpus ?? 0} of={capacity.cpus ?? 0} />
    ),
  },
  { title: "Running", isNumber: true, cell: ({ running }) => formatCount(running) },
  { title: "Queued", isNumber: true, isWide: true, cell: ({ queued }) => formatCount(queued) },
  {
    title: "Done",
    isNumber: true,
    isWide: true,
    cell: ({ attemptsDone }) => formatCount(attemptsDone),
  },
  {
    title: "Processes",
    isNumber: true,
    isWide: true,
    cell: ({ executors }) => formatCount(executors),
  },
  {
    title: "Peak memory",
    isNumber: true,
    isWide: true,
    cell: ({ peakMemoryBytes }) => formatBytes(peakMemoryBytes),
  },
  {
    title: "Objects",
    isNumber: true,
    isWide: true,
    cell: ({ storedBytes }) =>
      storedBytes === undefined ? <span class="soft">the head's</span> : formatBytes(storedBytes),
  },
];

/** All nodes. */
export function NodesPage({ route }: { readonly route: Route }) {
  const nodes = useLive<Nodes>("/api/v1/nodes");
  const state = route.query.get("state");
  const needle = (route.query.get("q") ?? "").toLowerCase();
  return (
    <>
      <h1>Nodes</h1>
      <Document state={nodes}>
        {({ nodes }) => {
          const all = Object.values(nodes);
          const counts: Record<string, number> = {};
          for (const node of all) counts[node.state] = (counts[node.state] ?? 0) + 1;
          const rows = all.toSorted((a, b) => compareNames(a.nodeId, b.nodeId)).filter((node) =>
            (!state || node.state === state) && node.nodeId.toLowerCase().includes(needle)
          );
          return (
            <>
              <Filters route={route} states={counts} searchLabel="Search nodes by id" />
              <div class="panel flush">
                <DataTable
                  caption="Nodes"
                  columns={COLUMNS}
                  rows={rows}
                  keyOf={({ nodeId }) => nodeId}
                  empty={all.length === 0 ? "No node has joined" : "No node fits"}
                />
              </div>
            </>
          );
        }}
      </Document>
    </>
  );
}
