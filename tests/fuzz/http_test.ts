import { assert, assertEquals } from "@std/assert";
import { createRng } from "../../src/base/rng.ts";
import { TOKEN, withHead } from "../cluster/head/scripted_worker.ts";
import { mutate } from "./mutate.ts";

const SEED = Number(Deno.env.get("TV_FUZZ_SEED") ?? 20_261_124);
const CASES = 600;
const PATHS = [
  "/api/v1/overview",
  "/api/v1/runs?limit=5",
  "/api/v1/tasks?state=failed&limit=10",
  "/api/v1/tasks/t1",
  "/api/v1/runs/r/files/report",
  "/api/v1/session",
  "/api/v1/nodes/w/drain?grace=1",
  "/api/v1/runs/r/cancel",
  "/api/v1/logs?follow=0&since=5&after=1",
  "/dashboard/app.js",
  "/history?since=1&run=r",
  "/logs?follow=0&after=0",
  "/drain?worker=w&grace=5",
  "/token?grace=5",
  `/objects/${"a".repeat(64)}?client=c`,
  "/metrics",
];
const METHODS = ["GET", "POST", "PUT", "HEAD", "DELETE"];
const BODY = '{"token": "t", "view": true}';

Deno.test(`a head answers whatever is asked for over HTTP, and never by 500 (TV_FUZZ_SEED=${SEED})`, () =>
  withHead(async (head, notices) => {
    const rng = createRng(SEED);
    const encode = (text: string) => new TextEncoder().encode(text);
    const seeds = PATHS.map(encode);
    const statuses = new Set<number>();
    for (let i = 0; i < CASES; i++) {
      const path = seeds[rng.below(seeds.length)];
      const mutant = rng.below(3) === 0 ? path : mutate(path, seeds, rng);
      const target = new TextDecoder().decode(mutant).replace(/^\/*/, "/");
      const url = URL.parse(`${head.url}${target.replaceAll("follow", "follow=0&f")}`);
      if (url === null || url.host !== new URL(head.url).host) continue;
      const method = METHODS[rng.below(METHODS.length)];
      const hasBody = method === "POST" || method === "PUT";
      const response = await fetch(url, {
        method,
        redirect: "manual",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        ...(hasBody ? { body: new Uint8Array(mutate(encode(BODY), seeds, rng)) } : {}),
      });
      await response.body?.cancel();
      statuses.add(response.status);
      assert(response.status !== 500, `case ${i}: ${method} ${url} is answered by 500`);
    }
    for (const status of [200, 400, 404, 405]) assert(statuses.has(status), `no ${status}`);
    assertEquals((await (await fetch(`${head.url}/healthz`)).json()).ok, true);
    assertEquals(notices.filter((notice) => notice.includes("broken")), []);
  }));
