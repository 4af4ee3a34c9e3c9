import { assert, assertEquals } from "@std/assert";
import { ACTION_ROUTES } from "../../../../cluster/head/dashboard/actions.ts";
import { openApiDocument } from "../../../../cluster/head/dashboard/openapi.ts";
import { VIEW_ROUTES } from "../../../../cluster/head/dashboard/routes.ts";
import { readSources } from "../../../structure/sources.ts";

const PATHS = openApiDocument().paths as Record<string, Record<string, unknown>>;

Deno.test("the OpenAPI document has every view, every action, and nothing that is not served", () => {
  for (const { path } of VIEW_ROUTES) assert(PATHS[path]?.get !== undefined, path);
  for (const { path } of ACTION_ROUTES) assert(PATHS[path]?.post !== undefined, path);
  const others = ["/api/v1/logs", "/api/v1/runs/{runId}/files/{key}", "/api/v1/session"];
  const served = [...VIEW_ROUTES, ...ACTION_ROUTES].map(({ path }) => path);
  assertEquals(Object.keys(PATHS).sort(), [...served, ...others].sort());
});

Deno.test("what the page asks for is in the OpenAPI document", () => {
  const heads = new Set(Object.keys(PATHS).map((path) => path.split("/").slice(0, 4).join("/")));
  // The WebSocket serves the same documents.
  heads.add("/api/v1/live");
  let asked = 0;
  for (const { path, text } of readSources("cluster/head/dashboard/page")) {
    for (const [head] of text.matchAll(/\/api\/v1\/[a-z]+/g)) {
      assert(heads.has(head), `${path} asks for ${head}`);
      asked++;
    }
  }
  assert(asked > 10);
});
