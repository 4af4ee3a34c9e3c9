import { RequestError } from "./request_error.ts";
import type { ViewSource } from "./view_source.ts";

/** One parameter of a view. */
export interface RouteParameter {
  readonly name: string;
  readonly kind: "text" | "number";
  readonly help: string;
}

/** A document that the dashboard shows: by HTTP once, or by its WebSocket with every change. */
export interface ViewRoute {
  /** With its parts that vary in braces. */
  readonly path: string;
  readonly summary: string;
  /** The name of its schema. */
  readonly schema: string;
  readonly query: readonly RouteParameter[];
  /** How often it is looked at while somebody watches; more seldom when it is dear. */
  readonly everyMs: number;
  /** The document; undefined when there is nothing of that name. */
  readonly view: (source: ViewSource, wanted: Wanted) => Promise<unknown> | unknown;
}

/** What a request names. */
export interface Wanted {
  /** A part of the path. */
  readonly part: (name: string) => string;
  /** A parameter of the query; undefined when it is absent or empty. */
  readonly text: (name: string) => string | undefined;
  /** The same as a number from 0. */
  readonly number: (name: string) => number | undefined;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

const text = (name: string, help: string): RouteParameter => ({ name, kind: "text", help });
const number = (name: string, help: string): RouteParameter => ({ name, kind: "number", help });
const PAGE = [
  number("offset", "Rows that are left out; default 0"),
  number("limit", `Rows, from 1 to ${MAX_LIMIT}; default ${DEFAULT_LIMIT}`),
];
const SEARCH = text("q", "A part of the id or of the name");
const TASK_FILTER = [
  text("run", "The run's id"),
  text("node", "The node's id"),
  text("name", "What the task does"),
  SEARCH,
];

/** All views. */
export const VIEW_ROUTES: readonly ViewRoute[] = [
  {
    path: "/api/v1/overview",
    summary: "The cluster at a glance",
    schema: "Overview",
    query: [],
    everyMs: 1_000,
    view: (source) => source.overview(),
  },
  {
    path: "/api/v1/series",
    summary: "The last quarter of an hour, a point a second",
    schema: "Series",
    query: [],
    everyMs: 5_000,
    view: (source) => source.series(),
  },
  {
    path: "/api/v1/runs",
    summary: "Runs, the newest first",
    schema: "Runs",
    query: [text("state", "Only runs in this state"), SEARCH, ...PAGE],
    everyMs: 1_000,
    view: (source, wanted) =>
      source.runs({ state: wanted.text("state"), text: wanted.text("q") }, rangeOf(wanted)),
  },
  {
    path: "/api/v1/runs/{runId}",
    summary: "A run: stages, graph, transitions, artifacts",
    schema: "RunDetail",
    query: [],
    everyMs: 1_000,
    view: (source, { part }) => source.run(part("runId")),
  },
  {
    path: "/api/v1/runs/{runId}/timeline",
    summary: "The attempts of a run over time, by node",
    schema: "Timeline",
    query: [
      number("from", "Milliseconds since the Unix epoch; default: the first attempt"),
      number("to", "Milliseconds since the Unix epoch; default: the last one"),
    ],
    everyMs: 2_000,
    view: (source, { part, number }) =>
      source.timeline(part("runId"), number("from"), number("to")),
  },
  {
    path: "/api/v1/runs/{runId}/ledger",
    summary: "The audit ledger of a run, verified now",
    schema: "LedgerState",
    query: [],
    everyMs: 10_000,
    view: (source, { part }) => source.ledger(part("runId")),
  },
  {
    path: "/api/v1/deployments",
    summary: "Flows that run by name and by schedule, and when next",
    schema: "Deployments",
    query: [],
    everyMs: 1_000,
    view: (source) => source.deployments(),
  },
  {
    path: "/api/v1/nodes",
    summary: "All nodes, by id",
    schema: "Nodes",
    query: [],
    everyMs: 1_000,
    view: (source) => source.nodes(),
  },
  {
    path: "/api/v1/nodes/{nodeId}",
    summary: "A node: processes, attempts, objects, actors",
    schema: "NodeDetail",
    query: [],
    everyMs: 1_000,
    view: (source, { part }) => source.node(part("nodeId")),
  },
  {
    path: "/api/v1/tasks",
    summary: "The tasks that the head knows, in the order in which they came",
    schema: "Tasks",
    query: [text("state", "Only tasks in this state"), ...TASK_FILTER, ...PAGE],
    everyMs: 1_000,
    view: (source, wanted) => source.tasks(filterOf(wanted), rangeOf(wanted)),
  },
  {
    path: "/api/v1/tasks/{taskId}",
    summary: "A task: state, transitions with their causes, attempts",
    schema: "TaskDetail",
    query: [],
    everyMs: 1_000,
    view: (source, { part }) => source.task(part("taskId")),
  },
  {
    path: "/api/v1/attempts",
    summary: "Attempts that ended, the newest first",
    schema: "Attempts",
    query: [text("state", "Only attempts with this end"), ...TASK_FILTER, ...PAGE],
    everyMs: 2_000,
    view: (source, wanted) => source.attempts(filterOf(wanted), rangeOf(wanted)),
  },
  {
    path: "/api/v1/actors",
    summary: "Living actors, by id",
    schema: "Actors",
    query: [],
    everyMs: 1_000,
    view: (source) => source.actors(),
  },
  {
    path: "/api/v1/failures",
    summary: "Why attempts failed, by cause, that of the newest failure first",
    schema: "Failures",
    query: [],
    everyMs: 1_000,
    view: (source) => source.failures(),
  },
];

/** The view that a path with a query names, ready to be looked at; undefined when there is none.
 * @throws {RequestError} for a parameter that it does not take */
export function findView(
  target: string,
): { readonly route: ViewRoute; readonly wanted: Wanted } | undefined {
  const { pathname, searchParams } = new URL(target, "http://head");
  for (const route of VIEW_ROUTES) {
    const parts = matchPath(route.path, pathname);
    if (parts === undefined) continue;
    for (const name of searchParams.keys()) {
      if (route.query.some((parameter) => parameter.name === name)) continue;
      const known = route.query.map((parameter) => parameter.name).join(", ") || "none";
      throw new RequestError(400, `Cannot take ${name} at ${route.path}: it takes ${known}`);
    }
    return { route, wanted: wantedOf(parts, searchParams) };
  }
  return undefined;
}

/** The parts in braces of a path; undefined when it is another path.
 * @throws {RequestError} for escapes that are none */
export function matchPath(
  pattern: string,
  pathname: string,
): Readonly<Record<string, string>> | undefined {
  const names = pattern.split("/");
  const given = pathname.split("/");
  if (names.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [i, name] of names.entries()) {
    if (!name.startsWith("{")) {
      if (name !== given[i]) return undefined;
    } else {
      parts[name.slice(1, -1)] = decode(given[i]);
    }
  }
  return parts;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RequestError(400, `Cannot read ${JSON.stringify(part)}: it is wrongly escaped`);
  }
}

function wantedOf(parts: Readonly<Record<string, string>>, query: URLSearchParams): Wanted {
  const text = (name: string) => query.get(name) || undefined;
  return {
    part: (name) => parts[name],
    text,
    number: (name) => {
      const given = text(name);
      if (given === undefined) return undefined;
      const value = Number(given);
      if (value >= 0 && value < Infinity) return value;
      throw new RequestError(400, `Cannot take ${given} as ${name}: it is a number from 0`);
    },
  };
}

function filterOf({ text }: Wanted) {
  return {
    state: text("state"),
    runId: text("run"),
    nodeId: text("node"),
    name: text("name"),
    text: text("q"),
  };
}

function rangeOf({ number }: Wanted) {
  const limit = number("limit") ?? DEFAULT_LIMIT;
  if (limit < 1 || limit > MAX_LIMIT) {
    throw new RequestError(400, `Cannot give ${limit} rows: limit is from 1 to ${MAX_LIMIT}`);
  }
  return { offset: number("offset") ?? 0, limit };
}
