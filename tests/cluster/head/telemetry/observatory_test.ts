import { assert, assertEquals } from "@std/assert";
import { connect } from "../../../../cluster/client/mod.ts";
import type { ClusterClient, TaskHandle } from "../../../../cluster/client/mod.ts";
import type { Head } from "../../../../cluster/head/head.ts";
import type { AttemptRecord } from "../../../../cluster/head/telemetry/attempt_record.ts";
import type { TaskReport } from "../../../../cluster/head/telemetry/task_report.ts";
import { encodeValue } from "../../../../src/base/value_codec.ts";
import { scriptedWorker, TOKEN, withHead } from "../scripted_worker.ts";
import { type ParsedMetric, parsePrometheus } from "./prometheus.ts";

const README = new URL("../../../../cluster/head/telemetry/README.md", import.meta.url);

const get = (head: Head, path: string, token = TOKEN) =>
  fetch(`${head.url}${path}`, { headers: { authorization: `Bearer ${token}` } });

async function scrape(head: Head): Promise<Map<string, ParsedMetric>> {
  const response = await get(head, "/metrics");
  assertEquals(response.status, 200);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  return parsePrometheus(await response.text());
}

const submit = (client: ClusterClient, args: unknown[] = []): TaskHandle<unknown> =>
  client.submit({ module: "file:///x.ts", exportName: "work" }, args);

/** A worker that answers each task with how many it has had. */
function countingWorker(head: Head): { close: () => Promise<void> } {
  let count = 0;
  return scriptedWorker(head, ({ taskId, attemptId }) => ({
    type: "AttemptsEnded",
    attempts: [{
      taskId,
      attemptId,
      report: {
        type: "succeeded",
        result: { type: "inline", bytes: encodeValue(++count) },
        durationMs: 20,
        executorPid: 99,
      },
    }],
  }));
}

Deno.test("/metrics counts what happened, in the format of Prometheus", () =>
  withHead(async (head) => {
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const worker = countingWorker(head);
    for (let i = 0; i < 3; i++) await submit(client).result;
    await (await get(head, "/metrics", "wrong")).body?.cancel();
    const metrics = await scrape(head);
    const value = (name: string, labels = "") => metrics.get(name)?.samples.get(name + labels);
    assertEquals(value("tradewind_tasks_submitted_total"), 3);
    assertEquals(value("tradewind_tasks_ended_total", '{outcome="succeeded"}'), 3);
    assertEquals(value("tradewind_attempts_ended_total", '{end="lost"}'), 0);
    assertEquals(value("tradewind_attempts_in_flight"), 0);
    assertEquals(value("tradewind_queue_length"), 0);
    assertEquals(value("tradewind_workers", '{state="connected"}'), 1);
    assertEquals(value("tradewind_resource_capacity", '{resource="cpus"}'), 1);
    assertEquals(value("tradewind_node_resource_capacity", '{node="w",resource="cpus"}'), 1);
    assertEquals(value("tradewind_connections_refused_total"), 1);
    const { samples } = metrics.get("tradewind_task_duration_seconds") as ParsedMetric;
    assertEquals(samples.get("tradewind_task_duration_seconds_count"), 3);
    assertEquals(samples.get('tradewind_task_duration_seconds_bucket{le="0.025"}'), 3);
    assertEquals(samples.get('tradewind_task_duration_seconds_bucket{le="0.01"}'), 0);
    assert(Number(value("process_resident_memory_bytes")) > 1e6);
    assert(Number(value("tradewind_journal_bytes")) > 0);
    const readme = await Deno.readTextFile(README);
    const shortened = readme.replace("`…_reserved`", "`tradewind_resource_reserved`");
    assertEquals([...metrics.keys()].filter((name) => !shortened.includes(`\`${name}\``)), []);
    await client[Symbol.asyncDispose]();
    await worker.close();
  }));

Deno.test("/history gives a line an attempt, by run and by time, and needs the token", () =>
  withHead(async (head) => {
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const worker = countingWorker(head);
    const first = submit(client);
    const second = submit(client, [first]);
    assertEquals(await second.result, 2);
    const lines = async (query: string) =>
      (await (await get(head, `/history${query}`)).text()).split("\n").slice(0, -1)
        .map((line) => JSON.parse(line) as AttemptRecord);
    const all = await lines("");
    assertEquals(
      all.map(({ taskId, name, workerId, executorPid, end, dependencies }) => [
        taskId,
        name,
        workerId,
        executorPid,
        end,
        dependencies,
      ]),
      [
        [first.taskId, "work", "w", 99, "succeeded", []],
        [second.taskId, "work", "w", 99, "succeeded", [first.taskId]],
      ],
    );
    assertEquals(await lines(`?run=${all[0].runId}`), all);
    assertEquals(await lines("?run=another"), []);
    assertEquals(await lines(`?since=${Date.now() + 60_000}`), []);
    assertEquals((await lines(`?task=${second.taskId}`)).length, 1);
    for (const [path, token, status] of [["?since=x", TOKEN, 400], ["", "wrong", 401]] as const) {
      const response = await get(head, `/history${path}`, token);
      assertEquals(response.status, status);
      await response.body?.cancel();
    }
    await client[Symbol.asyncDispose]();
    await worker.close();
  }));

Deno.test("/tasks/ID tells why a task waits, what it went through, and what is left once it is forgotten", () =>
  withHead(async (head) => {
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const report = async (taskId: string): Promise<TaskReport> =>
      await (await get(head, `/tasks/${encodeURIComponent(taskId)}`)).json();
    const first = submit(client);
    const second = submit(client, [first]);
    const isKnown = async () => (await report(second.taskId)).task !== undefined;
    while (!await isKnown());
    const waiting = (await report(second.taskId)).task;
    assertEquals([waiting?.state, waiting?.readyAtMs], ["waiting", undefined]);
    assertEquals(waiting?.blockers, [{ taskId: first.taskId, state: "ready" }]);
    const worker = countingWorker(head);
    await second.result;
    while ((await report(second.taskId)).task !== null);
    const ended = await report(second.taskId);
    assertEquals(ended.attempts.map(({ end, workerId }) => [end, workerId]), [["succeeded", "w"]]);
    const response = await get(head, "/tasks/none");
    assertEquals(response.status, 404);
    assertEquals(await response.json(), {
      error: "No task none is known here",
      code: "request/not-found",
    });
    await client[Symbol.asyncDispose]();
    await worker.close();
  }));
