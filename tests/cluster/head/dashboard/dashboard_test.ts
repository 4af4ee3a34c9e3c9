import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../../../../cluster/client/mod.ts";
import type { Head } from "../../../../cluster/head/head.ts";
import { VIEW_SCHEMAS } from "../../../../cluster/head/dashboard/openapi.ts";
import { VIEW_ROUTES } from "../../../../cluster/head/dashboard/routes.ts";
import { viewerToken } from "../../../../cluster/head/dashboard/session.ts";
import { applyPatch, type Plain } from "../../../../cluster/head/dashboard/merge_patch.ts";
import { scriptedWorker, TOKEN, withHead } from "../scripted_worker.ts";

const BEARER = { authorization: `Bearer ${TOKEN}` };

/** A head with a run of which one task failed and one never ends. */
async function withRun(
  head: Head,
  test: (escapedTaskId: string) => Promise<void>,
): Promise<void> {
  const error = { kind: "thrown", name: "RangeError", message: "window 3 is empty" } as const;
  let attempts = 0;
  const worker = scriptedWorker(head, ({ taskId, attemptId }) =>
    attempts++ > 0 ? undefined : {
      type: "AttemptsEnded",
      attempts: [{ taskId, attemptId, report: { type: "failed", error, durationMs: 1 } }],
    });
  const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
  const options = { runId: "nightly", name: "fit" };
  const failed = client.submit({ module: "file:///x.ts", exportName: "f" }, [], options);
  await failed.result.catch(() => {});
  const endless = client.submit({ module: "file:///x.ts", exportName: "f" }, [], options);
  endless.result.catch(() => {});
  const taskId = await until(async () => {
    const { rows } = await getJson(head, "/api/v1/tasks?state=assigned&run=nightly");
    return rows.length === 0 ? undefined : encodeURIComponent(rows[0].taskId);
  });
  try {
    await test(taskId);
  } finally {
    await client[Symbol.asyncDispose]();
    await worker.close();
  }
}

/** Asks until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  while (true) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
}

// deno-lint-ignore no-explicit-any -- a document of the API, checked against its schema in a test of its own
async function getJson(head: Head, path: string): Promise<any> {
  const response = await fetch(`${head.url}${path}`, { headers: BEARER });
  assertEquals(response.status, 200, path);
  return await response.json();
}

async function status(head: Head, path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(`${head.url}${path}`, { redirect: "manual", ...init });
  await response.body?.cancel();
  return response.status;
}

Deno.test("every view of the dashboard fits the schema that its API documents", () =>
  withHead((head) =>
    withRun(head, async (taskId) => {
      const parts: Record<string, string> = {
        "{runId}": "nightly",
        "{nodeId}": "w",
        "{taskId}": taskId,
      };
      const document = await getJson(head, "/api/v1/openapi.json");
      for (const { path, schema } of VIEW_ROUTES) {
        const target = path.replace(/\{\w+\}/, (part) => parts[part]);
        assert(document.paths[path].get.responses[200], path);
        assert(document.components.schemas[schema], schema);
        if (path.endsWith("/ledger")) {
          assertEquals(await status(head, target, { headers: BEARER }), 404);
          continue;
        }
        const found = VIEW_SCHEMAS[schema].safeParse(await getJson(head, target));
        assertEquals(found.error?.message, undefined, `${target} is no ${schema}`);
      }
    })
  ));

Deno.test("the dashboard shows a run by its tasks, and failures by their cause", () =>
  withHead((head) =>
    withRun(head, async () => {
      const run = await getJson(head, "/api/v1/runs/nightly");
      assertEquals([run.state, run.failed, run.running], ["Running", 1, 1]);
      const { groups } = await getJson(head, "/api/v1/failures");
      assertEquals(groups[0].cause, "thrown: RangeError: window 3 is empty");
      assertEquals([groups[0].names, groups[0].runs, groups[0].count], [["fit"], ["nightly"], 1]);
      const { rows } = await getJson(head, "/api/v1/attempts?state=failed");
      assertEquals(rows[0].nodeId, "w");
    })
  ));

Deno.test("strangers get the page without secrets, and nothing of the API", () =>
  withHead(async (head, notices) => {
    assertEquals(await status(head, "/"), 302);
    for (
      const path of ["/dashboard", "/dashboard/app.js", "/dashboard/app.css", "/dashboard/icon.svg"]
    ) {
      assertEquals(await status(head, path), 200, path);
    }
    for (const { path } of VIEW_ROUTES) assertEquals(await status(head, path), 401, path);
    for (const path of ["/api/v1/logs", "/api/v1/live", "/api/v1/openapi.json"]) {
      assertEquals(await status(head, path), 401, path);
    }
    assertEquals(await status(head, "/api/v1/nodes/w/drain", { method: "POST" }), 401);
    assertEquals(await status(head, "/dashboard/../token"), 401);
    assertEquals(await status(head, "/dashboard/x"), 404);
    assertStringIncludes(notices.join("\n"), "Refused GET /api/v1/overview");
    const page = await fetch(`${head.url}/dashboard`);
    const policy = page.headers.get("content-security-policy") ?? "";
    assertStringIncludes(policy, "script-src 'self';");
    assert(!policy.includes("unsafe-inline"), policy);
    await page.body?.cancel();
  }));

/** Logs in as a browser does; its cookie and its proof against requests of other sites. */
async function logIn(
  head: Head,
  body: { readonly token: string; readonly view?: boolean },
): Promise<{ readonly cookie: string; readonly csrf: string; readonly mayAct: boolean }> {
  const response = await fetch(`${head.url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: head.url },
    body: JSON.stringify(body),
  });
  assertEquals(response.status, 200);
  await response.body?.cancel();
  const setCookie = response.headers.get("set-cookie") ?? "";
  for (const flag of ["HttpOnly", "SameSite=Strict", "Path=/"]) {
    assertStringIncludes(setCookie, flag);
  }
  const cookie = setCookie.split(";")[0];
  const session = await fetch(`${head.url}/api/v1/session`, { headers: { cookie } });
  const { csrf, mayAct } = await session.json();
  return { cookie, csrf, mayAct };
}

Deno.test("a session may act from the dashboard's own page with its proof, and from nowhere else", () =>
  withHead((head) =>
    withRun(head, async (taskId) => {
      const { cookie, csrf } = await logIn(head, { token: TOKEN });
      const cancel = (headers: Record<string, string>) =>
        status(head, `/api/v1/tasks/${taskId}/cancel`, { method: "POST", headers });
      assertEquals(await cancel({ cookie }), 403);
      assertEquals(await cancel({ cookie, "x-csrf-token": "x" }), 403);
      const origin = "https://evil.example";
      assertEquals(await cancel({ cookie, "x-csrf-token": csrf, origin }), 403);
      assertEquals(await cancel({ cookie: `${cookie}x`, "x-csrf-token": csrf }), 401);
      assertEquals(await cancel({ cookie, "x-csrf-token": csrf, origin: head.url }), 202);
      assertEquals(await cancel({ cookie, "x-csrf-token": csrf, origin: head.url }), 409);
    })
  ));

Deno.test("whoever has the viewer's token, or asks to look only, changes nothing", () =>
  withHead(async (head) => {
    for (const body of [{ token: viewerToken(TOKEN) }, { token: TOKEN, view: true }]) {
      const { cookie, csrf, mayAct } = await logIn(head, body);
      assertEquals(mayAct, false);
      assertEquals(await status(head, "/api/v1/overview", { headers: { cookie } }), 200);
      const headers = { cookie, "x-csrf-token": csrf, origin: head.url };
      assertEquals(await status(head, "/api/v1/runs/r/cancel", { method: "POST", headers }), 403);
    }
    // The viewer's token opens nothing but the dashboard's API.
    const headers = { authorization: `Bearer ${viewerToken(TOKEN)}` };
    assertEquals(await status(head, "/api/v1/nodes", { headers }), 200);
    assertEquals(await status(head, "/metrics", { headers }), 401);
  }));

Deno.test("a head that is read-only refuses actions of the cluster's own token", () =>
  withHead(async (head) => {
    const init = { method: "POST", headers: BEARER };
    assertEquals(await status(head, "/api/v1/nodes/w/drain", init), 403);
  }, { dashboard: { isReadOnly: true } }));

Deno.test("a session of another head, or of one that got a new token, is none", async () => {
  const cookie = await new Promise<string>((resolve) =>
    withHead(async (head) => resolve((await logIn(head, { token: TOKEN })).cookie))
  );
  await withHead(async (head) => {
    const port = new URL(head.url).port;
    const moved = cookie.replace(/^tradewind-\d+/, `tradewind-${port}`);
    assertEquals(await status(head, "/api/v1/overview", { headers: { cookie: moved } }), 401);
  }, { token: "another token" });
});

Deno.test("a drain and a cancel of a run do what they say", () =>
  withHead((head, notices) =>
    withRun(head, async () => {
      const post = { method: "POST", headers: BEARER };
      assertEquals(await status(head, "/api/v1/nodes/w/drain", post), 202);
      await until(async () =>
        (await getJson(head, "/api/v1/nodes")).nodes.w.state === "draining" ? true : undefined
      );
      assertEquals(await status(head, "/api/v1/nodes/x/drain", post), 404);
      assertEquals(await status(head, "/api/v1/runs/nightly/cancel", post), 202);
      assertEquals(await status(head, "/api/v1/runs/nobody/cancel", post), 404);
      assertEquals(await status(head, "/api/v1/runs/nightly/retry", post), 404);
      assertStringIncludes(notices.join("\n"), "Run nightly is cancelled");
    })
  ));

Deno.test("a view that is watched comes whole, then as a patch of what changed", () =>
  withHead((head) =>
    withRun(head, async () => {
      const socket = new WebSocket(`${head.url.replace("http", "ws")}/api/v1/live`, {
        headers: BEARER,
      });
      socket.onopen = () => socket.send(JSON.stringify({ watch: "/api/v1/nodes" }));
      const nextNews = async () =>
        JSON.parse((await new Promise<MessageEvent>((told) => socket.onmessage = told)).data);
      const whole = await nextNews();
      assertEquals([whole.target, whole.value.nodes.w.state], ["/api/v1/nodes", "connected"]);
      const post = { method: "POST", headers: BEARER };
      assertEquals(await status(head, "/api/v1/nodes/w/drain", post), 202);
      const { patch } = await nextNews();
      assertEquals(patch, { nodes: { w: { state: "draining" } } });
      const document = applyPatch(whole.value as Plain, patch);
      assertEquals(JSON.stringify(document), JSON.stringify(await getJson(head, "/api/v1/nodes")));
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    })
  ));

Deno.test("a target that nobody serves, and a request that is none, are told", () =>
  withHead(async (head) => {
    const socket = new WebSocket(`${head.url.replace("http", "ws")}/api/v1/live`, {
      headers: BEARER,
    });
    socket.onopen = () => socket.send(JSON.stringify({ watch: "/api/v1/tasks?colour=red" }));
    const news = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
    const { error } = JSON.parse(news.data);
    assertEquals(error.status, 400);
    assertStringIncludes(error.message, "Cannot take colour");
    const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    socket.send("{}");
    assertEquals((await closed).code, 1008);
  }));
