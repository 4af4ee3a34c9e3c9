import type { NodeDetail } from "../../schemas/cluster.ts";
import { ActionButton } from "../components/action_button.tsx";
import { AttemptTable } from "../components/attempt_table.tsx";
import { DataTable } from "../components/data_table.tsx";
import { LogView } from "../components/log_view.tsx";
import { Document, Facts, Meter, Moment, Panel } from "../components/parts.tsx";
import { Status } from "../components/status.tsx";
import { Tabs } from "../components/tabs.tsx";
import { useLive } from "../context.ts";
import { formatBytes, formatCount, formatResource, resourceLabel } from "../format.ts";
import { href, type Route } from "../route.ts";
import { ACTOR_COLUMNS } from "./actors.tsx";

/** One node. */
export function NodePage({ nodeId, route }: { readonly nodeId: string; readonly route: Route }) {
  const target = `/api/v1/nodes/${encodeURIComponent(nodeId)}`;
  const node = useLive<NodeDetail>(target);
  const tab = route.parts[2] ?? "";
  return (
    <Document state={node}>
      {(value) => (
        <>
          <div class="title">
            <p class="crumbs">
              <a href="#/nodes">Nodes</a>
            </p>
            <h1 class="id">{nodeId}</h1>
            <Status state={value.state} />
            <div class="actions">
              {(value.state === "connected" || value.state === "suspected") && (
                <ActionButton
                  label="Drain"
                  path={`${target}/drain`}
                  question={`Drain ${nodeId}? It gets nothing new, and leaves once what it runs has ended.`}
                  isDangerous
                />
              )}
            </div>
          </div>
          <Tabs
            base={["nodes", nodeId]}
            chosen={tab}
            tabs={[
              ["", "Now"],
              ["attempts", "Attempts"],
              ["objects", `Objects ${formatCount(value.objects.count)}`],
              ["logs", "Logs"],
            ]}
          />
          {tab === "" && <Now node={value} />}
          {tab === "attempts" && (
            <div class="tall inner">
              <AttemptTable query={{ node: nodeId }} empty="No attempt has ended here" />
            </div>
          )}
          {tab === "objects" && <Objects node={value} />}
          {tab === "logs" && <LogView scope={{ node: nodeId }} />}
        </>
      )}
    </Document>
  );
}

function Now({ node }: { readonly node: NodeDetail }) {
  const { capacity, reserved } = node;
  return (
    <>
      <div class="two">
        <Panel title="Resources">
          <dl class="resources">
            {Object.entries(capacity).map(([name, amount]) => (
              <div key={name}>
                <dt>{resourceLabel(name)}</dt>
                <dd>
                  <Meter label={name} value={reserved[name] ?? 0} of={amount} />
                </dd>
                <dd class="number">
                  {formatResource(name, reserved[name] ?? 0)} of {formatResource(name, amount)}
                </dd>
              </div>
            ))}
          </dl>
          <Facts
            rows={[
              { name: "Fetched so far", value: formatBytes(node.pulledBytes) },
              { name: "Attempts done", value: formatCount(node.attemptsDone) },
              {
                name: "Installs code",
                value: node.preparing === 0 ? "no" : formatCount(node.preparing),
              },
            ]}
          />
        </Panel>
        <Panel title="Processes" isFlush>
          <DataTable
            caption="Processes"
            columns={[
              { title: "Process", cell: ({ pid }) => <span class="id">{pid}</span> },
              {
                title: "State",
                cell: ({ isAlive }) => <Status state={isAlive ? "alive" : "ended"} />,
              },
              {
                title: "Peak memory",
                isNumber: true,
                cell: ({ peakMemoryBytes }) => formatBytes(peakMemoryBytes),
              },
              { title: "Done", isNumber: true, cell: (row) => formatCount(row.attemptsDone) },
              {
                title: "May also",
                isWide: true,
                cell: ({ permissions }) => permissions || <span class="soft">nothing</span>,
              },
            ]}
            rows={node.processes}
            keyOf={({ pid }) => String(pid)}
            empty="No process was started yet"
          />
        </Panel>
      </div>
      <Panel title="What it holds now" isFlush>
        <DataTable
          caption="Attempts that it holds"
          columns={[
            { title: "State", cell: ({ state }) => <Status state={state} /> },
            {
              title: "Task",
              cell: ({ taskId, name }) => <a href={href(["tasks", taskId])}>{name || taskId}</a>,
            },
            {
              title: "Run",
              isWide: true,
              cell: ({ runId }) => <a href={href(["runs", runId])} class="id">{runId}</a>,
            },
            { title: "Since", isNumber: true, cell: ({ sinceMs }) => <Moment atMs={sinceMs} /> },
          ]}
          rows={node.attempts}
          keyOf={({ taskId, sinceMs }) => `${taskId} ${sinceMs}`}
          empty="Nothing: it waits for tasks"
        />
      </Panel>
      {node.actors.length > 0 && (
        <Panel title="Actors" isFlush>
          <DataTable
            caption="Actors that live here"
            columns={ACTOR_COLUMNS}
            rows={node.actors}
            keyOf={({ actorId }) => actorId}
            empty="None"
          />
        </Panel>
      )}
    </>
  );
}

function Objects({ node: { objects } }: { readonly node: NodeDetail }) {
  return (
    <Panel
      title="Largest objects"
      note={`${formatCount(objects.count)} in all, ${formatBytes(objects.sizeBytes)}${
        objects.isShared ? "; it shares the head's store" : ""
      }`}
      isFlush
    >
      <DataTable
        caption="The largest objects"
        columns={[
          { title: "Object", cell: ({ objectId }) => <code class="hash">{objectId}</code> },
          { title: "Copies", isNumber: true, cell: ({ copies }) => formatCount(copies) },
          { title: "Size", isNumber: true, cell: ({ sizeBytes }) => formatBytes(sizeBytes) },
        ]}
        rows={objects.largest}
        keyOf={({ objectId }) => objectId}
        empty="It holds none"
      />
    </Panel>
  );
}
