import type { FailureGroup, Failures } from "../../schemas/cluster.ts";
import { shortId } from "../components/attempt_table.tsx";
import { Document, Empty, Moment } from "../components/parts.tsx";
import { useLive } from "../context.ts";
import { formatCount } from "../format.ts";
import { href } from "../route.ts";

/** Why attempts failed. */
export function FailuresPage() {
  const failures = useLive<Failures>("/api/v1/failures");
  return (
    <>
      <h1>Failures</h1>
      <Document state={failures}>
        {({ total, groups }) => (
          <>
            {total > 0 && (
              <p class="lede">
                {formatCount(total)} attempts ended badly, for {formatCount(groups.length)}{" "}
                {groups.length === 1 ? "reason" : "reasons"}; that of the newest failure first.
              </p>
            )}
            <div class="panel flush">
              <FailureList groups={groups} />
            </div>
          </>
        )}
      </Document>
    </>
  );
}

/** Reasons of failures, each with whom it met. */
export function FailureList({ groups }: { readonly groups: readonly FailureGroup[] }) {
  if (groups.length === 0) return <Empty title="Nothing has failed" />;
  return (
    <ol class="failures">
      {groups.map((group) => (
        <li key={group.groupId}>
          <p class="cause-line">
            <b class="bad">{formatCount(group.count)}×</b> {causeOf(group)}
          </p>
          <p class="note">
            <Moment atMs={group.lastAtMs} /> · {listed("kinds of task", group.names, undefined)}
            {" "}
            · on {listed("nodes", group.nodes, "nodes")} · in {listed("runs", group.runs, "runs")} ·
            {" "}
            <TaskLinks tasks={group.tasks} />
          </p>
        </li>
      ))}
    </ol>
  );
}

function TaskLinks({ tasks }: { readonly tasks: readonly string[] }) {
  const newest = tasks.at(-1);
  if (newest === undefined) return null;
  return <a href={href(["tasks", newest])}>newest task {shortId(newest)}</a>;
}

function listed(noun: string, ids: readonly string[], page: string | undefined) {
  if (ids.length > 2) return `${ids.length === 8 ? "8 or more" : ids.length} ${noun}`;
  return ids.map((id, i) => (
    <span key={id}>
      {i > 0 && ", "}
      {page === undefined ? id : <a href={href([page, id])}>{id}</a>}
    </span>
  ));
}

/** Some causes begin with their kind, the others get it. */
function causeOf({ kind, cause }: FailureGroup): string {
  return cause.startsWith(kind) ? cause : `${kind}: ${cause}`;
}
