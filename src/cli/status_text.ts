import type { ActorView, ClusterStatus, ExecutorStatus } from "../../cluster/client/mod.ts";
import { formatSize } from "../base/size_text.ts";

type WorkerStatus = ClusterStatus["workers"][number];

/** What a head tells of itself, as lines for people.
 * @param withPermissions whether to show what the tasks of each executor may do */
export function statusText(
  headUrl: string,
  status: ClusterStatus,
  withPermissions: boolean,
): string {
  const { objects, workers, actors } = status;
  const tasks = Object.entries(status.tasks).filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`).join(", ") || "none";
  const peak = formatSize(status.headPeakMemoryBytes);
  const lines = [
    `Head     ${headUrl}, process ${status.headPid}, peak memory ${peak}`,
    `Tasks    ${tasks}`,
    `Objects  ${
      objects.count === 0 ? "none" : `${objects.count}, ${formatSize(objects.sizeBytes)}`
    }`,
    `Refused  ${status.refusedConnections} connections`,
    ...actors.map(renderActor),
    ...(workers.length === 0 ? ["Workers  none: deno task worker joins one"] : []),
    ...workers.flatMap((worker) => renderWorker(worker, withPermissions)),
  ];
  return `${lines.join("\n")}\n`;
}

function renderActor({ actorId, className, name, state, workerId, calls }: ActorView): string {
  const called = name === undefined ? className : `${className} "${name}"`;
  const place = workerId === undefined ? "" : ` on ${workerId}`;
  return `Actor    ${actorId}  ${called}, ${state}${place}, ${calls} calls`;
}

function renderWorker(
  worker: WorkerStatus,
  withPermissions: boolean,
): string[] {
  const { workerId, state, capacity, running, queued, preparing, executors } = worker;
  const { storedBytes, pulledBytes } = worker;
  const resources = Object.entries(capacity).map(([name, amount]) =>
    name === "memoryBytes" ? `${formatSize(amount)} memory` : `${amount} ${name}`
  );
  const load = [...resources, `${running} running`, `${queued} queued`].join(", ");
  const ended = executors.filter(({ isAlive }) => !isAlive);
  return [
    `Worker   ${workerId}  ${state}, ${load}`,
    ...(storedBytes === undefined ? [] : [
      `           objects ${formatSize(storedBytes)}, fetched so far ${formatSize(pulledBytes)}`,
    ]),
    ...preparing.map((key) => `           preparing code ${key.slice(0, 12)}`),
    ...executors.filter(({ isAlive }) => isAlive).map((executor) => {
      const may = withPermissions ? `, permissions ${executor.permissions || "usual"}` : "";
      return `           executor ${executor.pid}: ${renderNumbers([executor])}${may}`;
    }),
    ...(ended.length === 0
      ? []
      : [`           ${ended.length} executors that ended: ${renderNumbers(ended)}`]),
  ];
}

function renderNumbers(executors: readonly ExecutorStatus[]): string {
  const tasksDone = executors.reduce((sum, { tasksDone }) => sum + tasksDone, 0);
  const peakBytes = Math.max(...executors.map(({ peakMemoryBytes }) => peakMemoryBytes));
  return `${tasksDone} tasks done, peak memory ${formatSize(peakBytes)}`;
}
