import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { planSchedule } from "../../src/flow/schedule/plan_schedule.ts";
import { nextDueMs, type Schedule } from "../../src/flow/schedule/schedule.ts";
import { serveRound } from "../../src/flow/schedule/scheduler.ts";
import { withStore } from "./with_store.ts";

const HOUR_MS = 3_600_000;
const hourly = (catchUp: Schedule["catchUp"], overlap: Schedule["overlap"]): Schedule => ({
  rule: { type: "interval", everyMs: HOUR_MS, anchorMs: 0 },
  catchUp,
  overlap,
});

Deno.test("a time that the change of clocks leaves out is due once, and one that is there twice, too", () => {
  const rule = { type: "cron", pattern: "30 2 * * *", timeZone: "Europe/Berlin" } as const;
  const next = (after: string) => new Date(nextDueMs(rule, Date.parse(after))!).toISOString();
  assertEquals(next("2026-03-28T12:00:00Z"), "2026-03-29T01:00:00.000Z");
  assertEquals(next("2026-10-24T22:00:00Z"), "2026-10-25T00:30:00.000Z");
  assertEquals(next("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00.000Z");
  assertThrows(() => nextDueMs({ ...rule, pattern: "99 2 * * *" }, 0), UserError, "99 2");
});

Deno.test("times that were missed are left out, made up for once, or each", () => {
  const due = (catchUp: Schedule["catchUp"]) =>
    planSchedule(hourly(catchUp, "allow"), 0, 3.5 * HOUR_MS, 0).dueMs.map((ms) => ms / HOUR_MS);
  assertEquals([due("skip"), due("latest"), due("all")], [[], [3], [1, 2, 3]]);
});

Deno.test("a time at which a run is open is left out, queued, allowed, or takes its place", () => {
  const plan = (overlap: Schedule["overlap"]) => {
    const { dueMs, skipped, replacesOpen } = planSchedule(hourly("all", overlap), 0, HOUR_MS, 1);
    return [dueMs.length, skipped, replacesOpen];
  };
  assertEquals(plan("skip"), [0, 1, false]);
  assertEquals(plan("queue"), [1, 0, false]);
  assertEquals(plan("allow"), [1, 0, false]);
  assertEquals(plan("replace"), [1, 0, true]);
});

Deno.test("a time has one run, however often and by whomever it is served", async () => {
  await withStore((store) => {
    store.deployments.put({
      name: "nightly",
      module: "file:///flows.ts",
      exportName: "f",
      flowName: "f",
      arguments: "[]",
      schedule: hourly("all", "queue"),
      isPaused: false,
      plannedUntilMs: 0,
    });
    const started: string[] = [];
    const launcher = {
      start: (runId: string) => void started.push(runId),
      isStarted: (runId: string) => started.includes(runId),
    };
    for (let i = 0; i < 3; i++) serveRound(store, launcher, 2 * HOUR_MS, () => {});
    store.deployments.put({ ...store.deployments.require("nightly"), plannedUntilMs: 0 });
    serveRound(store, launcher, 2 * HOUR_MS, () => {});
    assertEquals(store.runs.list().map(({ runId }) => runId), [
      "nightly-19700101-020000",
      "nightly-19700101-010000",
    ]);
    assertEquals(started, ["nightly-19700101-010000"]);
    return Promise.resolve();
  });
});
