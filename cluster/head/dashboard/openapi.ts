import { z } from "zod";
import { ACTION_ROUTES } from "./actions.ts";
import { type RouteParameter, VIEW_ROUTES } from "./routes.ts";
import * as cluster from "./schemas/cluster.ts";
import * as deployments from "./schemas/deployments.ts";
import * as runs from "./schemas/runs.ts";
import * as tasks from "./schemas/tasks.ts";

/** The schemas of all views, by their names. */
export const VIEW_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  Overview: cluster.overview,
  Series: cluster.series,
  Nodes: cluster.nodes,
  NodeDetail: cluster.nodeDetail,
  Actors: cluster.actors,
  Failures: cluster.failures,
  Runs: runs.runs,
  RunDetail: runs.runDetail,
  Timeline: runs.timeline,
  LedgerState: runs.ledgerState,
  Deployments: deployments.deployments,
  Tasks: tasks.tasks,
  TaskDetail: tasks.taskDetail,
  Attempts: tasks.attempts,
};

const ERROR_SCHEMA = {
  type: "object",
  properties: { error: { type: "string" } },
  required: ["error"],
} as const;

/** The description of the HTTP API after OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1.html */
export function openApiDocument(): Record<string, unknown> {
  const schemas = Object.fromEntries(
    Object.entries(VIEW_SCHEMAS).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
  );
  return {
    openapi: "3.1.0",
    info: {
      title: "Tradewind head",
      version: "1",
      description:
        "What the dashboard shows. GET changes nothing. Every view can be followed: the WebSocket /api/v1/live takes " +
        '{"watch": TARGET} and {"leave": TARGET}, where a target is the path of a view with its query, and answers ' +
        "with {target, value}, then {target, patch} (RFC 7386) with each change, or {target, error}.",
    },
    security: [{ token: [] }, { session: [] }],
    paths: { ...viewPaths(), ...actionPaths(), ...otherPaths() },
    components: {
      schemas: { ...schemas, Error: ERROR_SCHEMA },
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The cluster's, or a viewer's" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "tradewind-PORT",
          description: "Of a browser; what changes something also needs the header x-csrf-token",
        },
      },
    },
  };
}

function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

function viewPaths(): Record<string, unknown> {
  return Object.fromEntries(VIEW_ROUTES.map(({ path, summary, schema, query }) => [path, {
    get: {
      summary,
      parameters: parametersOf(path, query),
      responses: {
        200: json(`#/components/schemas/${schema}`, summary),
        ...refusals(path.includes("{") ? [400, 401, 404] : [400, 401]),
      },
    },
  }]));
}

function actionPaths(): Record<string, unknown> {
  return Object.fromEntries(ACTION_ROUTES.map(({ path, summary, query }) => [path, {
    post: {
      summary,
      parameters: parametersOf(path, query),
      responses: {
        202: { description: "It is under way" },
        ...refusals([400, 401, 403, 404, 409]),
      },
    },
  }]));
}

function otherPaths(): Record<string, unknown> {
  const text = (name: string, description: string) => ({
    name,
    in: "query",
    schema: { type: "string" },
    description,
  });
  return {
    "/api/v1/logs": {
      get: {
        summary:
          "Lines of the log, a JSON object each, and the cursor after them; followed unless follow=0",
        parameters: [
          text("run", "The run's id"),
          text("task", "A task's id or name"),
          text("node", "The node's id"),
          text("after", "The cursor from which to go on; default: the newest lines"),
          text("since", "Milliseconds before now"),
          text("follow", "0: end after the newest line"),
        ],
        responses: {
          200: { description: "Lines", content: { "application/x-ndjson": {} } },
          ...refusals([400, 401]),
        },
      },
    },
    "/api/v1/runs/{runId}/files/{key}": {
      get: {
        summary: "A file that a run left behind, by the key of its artifact",
        parameters: parametersOf("/{runId}/{key}", []),
        responses: { 200: { description: "Its bytes" }, ...refusals([401, 404]) },
      },
    },
    "/api/v1/session": {
      get: {
        summary: "Who asks, and what they may do",
        responses: { 200: { description: "That" } },
      },
      post: {
        summary: "Logs a browser in: {token, view}; sets the session's cookie",
        responses: { 200: { description: "Logged in" }, ...refusals([400, 401, 403]) },
      },
      delete: { summary: "Logs it out", responses: { 200: { description: "Logged out" } } },
    },
  };
}

function parametersOf(path: string, query: readonly RouteParameter[]): unknown[] {
  const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  return [
    ...parts,
    ...query.map(({ name, kind, help }) => ({
      name,
      in: "query",
      schema: { type: kind === "number" ? "number" : "string" },
      description: help,
    })),
  ];
}

function json(reference: string, description: string): unknown {
  return { description, content: { "application/json": { schema: { $ref: reference } } } };
}

const REASONS: Readonly<Record<number, string>> = {
  400: "A parameter that cannot be used",
  401: "Neither a token nor a session",
  403: "Read-only, or not from the dashboard's own page",
  404: "Nothing of that name",
  409: "It cannot be done as things stand",
};

function refusals(statuses: readonly number[]): Record<number, unknown> {
  return Object.fromEntries(
    statuses.map((status) => [status, json("#/components/schemas/Error", REASONS[status])]),
  );
}
