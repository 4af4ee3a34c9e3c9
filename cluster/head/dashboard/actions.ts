import { errorMessage } from "../../../src/base/errors.ts";
import type { SchedulerState } from "../../scheduler/mod.ts";
import type { SchedulerEvent } from "../../scheduler/types.ts";
import { RequestError } from "./request_error.ts";
import { type DeploymentActionParts, holdDeployment, runDeployment } from "./deployment_actions.ts";
import { matchPath, type RouteParameter } from "./routes.ts";
import type { FlowRequest, RunSource } from "./run_source.ts";

/** What actions need of the head. */
export interface ActionParts extends DeploymentActionParts {
  readonly state: SchedulerState;
  readonly post: (event: SchedulerEvent) => void;
  /** Answers `POST /drain`. */
  readonly drain: (request: Request) => Response;
  readonly runs: RunSource | undefined;
}

/** Something that a person can do, by POST. */
export interface ActionRoute {
  readonly path: string;
  readonly summary: string;
  readonly query: readonly RouteParameter[];
  readonly act: (
    parts: ActionParts,
    path: PathParts,
    query: URLSearchParams,
  ) => Promise<void> | void;
}

/** What stands in a path for the names in braces. */
type PathParts = Readonly<Record<string, string>>;

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
    summary:
      "Cancels a run: its flow is asked to end; without one, its unfinished tasks are cancelled",
    query: [],
    act: cancelRun,
  },
  {
    path: "/api/v1/runs/{runId}/pause",
    summary: "Asks a flow to start nothing more",
    query: [],
    act: (parts, { runId }) => askFlow(parts, runId, "pause"),
  },
  {
    path: "/api/v1/runs/{runId}/resume",
    summary: "Asks a paused flow to go on",
    query: [],
    act: (parts, { runId }) => askFlow(parts, runId, "resume"),
  },
  {
    path: "/api/v1/runs/{runId}/approvals/{name}/approve",
    summary: "Says yes to what a flow asks",
    query: [],
    act: (parts, path) => decide(parts, path, "approved"),
  },
  {
    path: "/api/v1/runs/{runId}/approvals/{name}/reject",
    summary: "Says no to it",
    query: [],
    act: (parts, path) => decide(parts, path, "rejected"),
  },
  {
    path: "/api/v1/runs/{runId}/retry",
    summary: "Goes on with a flow's run that ended badly: what is missing is done",
    query: [],
    act: retryRun,
  },
  {
    path: "/api/v1/deployments/{name}/run",
    summary: "Starts a run of a deployment now",
    query: [],
    act: (parts, { name }) => runDeployment(parts, name),
  },
  {
    path: "/api/v1/deployments/{name}/pause",
    summary: "Pauses the schedule of a deployment",
    query: [],
    act: (parts, { name }) => holdDeployment(parts, name, true),
  },
  {
    path: "/api/v1/deployments/{name}/resume",
    summary: "Lets the schedule of a deployment go on: its times meanwhile count as missed",
    query: [],
    act: (parts, { name }) => holdDeployment(parts, name, false),
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
    await route.act(parts, found, url.searchParams);
    return Response.json({ accepted: true }, { status: 202 });
  }
  return undefined;
}

function cancelTask({ state, post, notice }: ActionParts, { taskId }: PathParts): void {
  const task = state.tasks.get(taskId);
  if (task === undefined) throw new RequestError(404, `No task ${taskId} is known here`);
  if (task.record.finishedAtMs !== undefined) {
    throw new RequestError(409, `Cannot cancel task ${taskId}: it has ${task.record.state}`);
  }
  notice(`Task ${taskId} is cancelled`, { level: "info", event: "task_cancelled" });
  post({ type: "CancelRequested", taskIds: [taskId] });
}

async function cancelRun(
  parts: ActionParts,
  { runId }: PathParts,
): Promise<void> {
  const { state, post, notice, runs } = parts;
  const flow = await runs?.find(runId);
  // A flow ends its tasks by itself, and knows then that they did not fail.
  if (flow !== undefined && !flow.isEnded) return await askFlow(parts, runId, "cancel");
  const taskIds = [...state.tasks.values()]
    .filter(({ run, record }) => run.runId === runId && record.finishedAtMs === undefined)
    .map(({ record }) => record.spec.taskId);
  if (taskIds.length === 0) {
    throw flow === undefined
      ? new RequestError(404, `No run ${runId} is known here`)
      : new RequestError(409, `Run ${runId} has ended: ${flow.state}`);
  }
  notice(`Run ${runId} is cancelled`, { level: "info", event: "run_cancelled" });
  post({ type: "CancelRequested", taskIds });
}

async function askFlow(
  { runs, notice }: ActionParts,
  runId: string,
  request: FlowRequest,
): Promise<void> {
  const flow = await runs?.find(runId);
  if (runs === undefined || flow === undefined) {
    throw new RequestError(404, `No flow's run ${runId} is known here`);
  }
  if (flow.isEnded) throw new RequestError(409, `Run ${runId} has ended: ${flow.state}`);
  const event = request === "cancel" ? "run_cancelled" : "run_controlled";
  notice(`Run ${runId} was asked to ${request}`, { level: "info", event });
  await runs.request(runId, request);
}

async function decide(
  { runs, notice }: ActionParts,
  { runId, name }: PathParts,
  decision: "approved" | "rejected",
): Promise<void> {
  const flow = await runs?.find(runId);
  if (flow === undefined || !flow.approvals.some((asked) => asked.name === name)) {
    throw new RequestError(404, `Run ${runId} does not ask for ${name}`);
  }
  if (flow.isEnded) throw new RequestError(409, `Run ${runId} has ended: ${flow.state}`);
  try {
    await runs?.decide(runId, name, decision);
  } catch (error) {
    throw new RequestError(409, errorMessage(error));
  }
  notice(`Run ${runId}: ${name} is ${decision}`, { level: "info", event: "run_controlled" });
}

async function retryRun({ notice, runs }: ActionParts, { runId }: PathParts): Promise<void> {
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
  { nodeId }: PathParts,
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
