import type { SchedulerState } from "../../scheduler/mod.ts";
import type { SchedulerEvent } from "../../scheduler/types.ts";
import type { NoticeSubject } from "../notice.ts";
import { RequestError } from "./request_error.ts";
import { matchPath, type RouteParameter } from "./routes.ts";
import type { RunSource } from "./run_source.ts";

/** What actions need of the head. */
export interface ActionParts {
  readonly state: SchedulerState;
  readonly post: (event: SchedulerEvent) => void;
  /** Answers `POST /drain`. */
  readonly drain: (request: Request) => Response;
  readonly notice: (text: string, subject: NoticeSubject) => void;
  readonly runs: RunSource | undefined;
}

/** Something that a person can do, by POST. */
export interface ActionRoute {
  readonly path: string;
  readonly summary: string;
  readonly query: readonly RouteParameter[];
  readonly act: (parts: ActionParts, id: string, query: URLSearchParams) => Promise<void> | void;
}

/** All actions; each answers 202 once it is under way. */
export const ACTION_ROUTES: readonly ActionRoute[] = [
  {
    path: "/api/v1/tasks/{taskId}/cancel",
    summary: "Cancels a task",
    query: [],
    act: cancelTask,
  },
  {
    path: "/api/v1/runs/{runId}/cancel",
    summary: "Cancels a run: its flow is asked to end, and its unfinished tasks are cancelled",
    query: [],
    act: cancelRun,
  },
  {
    path: "/api/v1/runs/{runId}/retry",
    summary: "Goes on with a flow's run that ended badly: what is missing is done",
    query: [],
    act: retryRun,
  },
  {
    path: "/api/v1/nodes/{nodeId}/drain",
    summary: "Drains a node: it gets nothing new, and leaves once what it holds has ended",
    query: [{
      name: "grace",
      kind: "number",
      help: "Milliseconds after which what it still runs is taken back; default: never",
    }],
    act: drainNode,
  },
];

/** Does what a path names; undefined when it names nothing.
 * @throws {RequestError} when it cannot be done */
export async function act(parts: ActionParts, url: URL): Promise<Response | undefined> {
  for (const route of ACTION_ROUTES) {
    const found = matchPath(route.path, url.pathname);
    if (found === undefined) continue;
    await route.act(parts, Object.values(found)[0], url.searchParams);
    return Response.json({ accepted: true }, { status: 202 });
  }
  return undefined;
}

function cancelTask({ state, post, notice }: ActionParts, taskId: string): void {
  const task = state.tasks.get(taskId);
  if (task === undefined) throw new RequestError(404, `No task ${taskId} is known here`);
  if (task.record.finishedAtMs !== undefined) {
    throw new RequestError(409, `Cannot cancel task ${taskId}: it has ${task.record.state}`);
  }
  notice(`Task ${taskId} is cancelled`, { level: "info", event: "task_cancelled" });
  post({ type: "CancelRequested", taskIds: [taskId] });
}

async function cancelRun({ state, post, notice, runs }: ActionParts, runId: string): Promise<void> {
  const taskIds = [...state.tasks.values()]
    .filter(({ run, record }) => run.runId === runId && record.finishedAtMs === undefined)
    .map(({ record }) => record.spec.taskId);
  const flow = await runs?.find(runId);
  const isLive = flow !== undefined && !flow.isEnded;
  if (taskIds.length === 0 && !isLive) {
    throw new RequestError(
      flow === undefined ? 404 : 409,
      flow === undefined
        ? `No run ${runId} is known here`
        : `Run ${runId} has ended: ${flow.state}`,
    );
  }
  notice(`Run ${runId} is cancelled`, { level: "info", event: "run_cancelled" });
  // The flow first: it should not take the ends of its tasks for failures.
  if (isLive) await runs?.cancel?.(runId);
  if (taskIds.length > 0) post({ type: "CancelRequested", taskIds });
}

async function retryRun({ notice, runs }: ActionParts, runId: string): Promise<void> {
  const flow = await runs?.find(runId);
  if (flow === undefined) throw new RequestError(404, `No flow's run ${runId} is known here`);
  if (runs?.retry === undefined) {
    throw new RequestError(409, `Cannot go on with run ${runId}: this head does not start flows`);
  }
  if (!flow.isEnded) {
    throw new RequestError(409, `Cannot go on with run ${runId}: it has not ended`);
  }
  notice(`Run ${runId} goes on`, { level: "info", event: "run_retried" });
  await runs.retry(runId);
}

async function drainNode(
  { drain }: ActionParts,
  nodeId: string,
  query: URLSearchParams,
): Promise<void> {
  const url = new URL("http://head/drain");
  url.searchParams.set("worker", nodeId);
  const grace = query.get("grace");
  if (grace !== null) url.searchParams.set("grace", grace);
  const answer = drain(new Request(url, { method: "POST" }));
  if (answer.ok) return;
  const { error } = await answer.json() as { readonly error: string };
  throw new RequestError(answer.status, error);
}
