import { assertEquals } from "@std/assert";
import { LiveProgress } from "../../../../cluster/head/dashboard/live_progress.ts";
import type { OutputLine } from "../../../../cluster/protocol/log_line.ts";
import { progressLine } from "../../../../src/base/progress_line.ts";

function lineOf(task: string, text: string, run = "nightly"): OutputLine {
  const time = "2026-11-24T06:30:00.000Z";
  return { stream: "stdout", time, node: "w", line: 1, run, task, attempt: 1, name: "fit", text };
}

const half = progressLine({ name: "rows", title: "Rows read", fraction: 0.5 });
const most = progressLine({ name: "rows", title: "Rows read", fraction: 0.75 });
const always = () => true;

Deno.test("LiveProgress tells the last fraction of each measure of the tasks of a run", () => {
  const progress = new LiveProgress();
  progress.hear([lineOf("a", half), lineOf("a", "something else"), lineOf("b", half, "other")]);
  progress.hear([lineOf("a", most)]);
  assertEquals(progress.artifactsOf("nightly", always), [
    { key: "live:a:rows", kind: "progress", title: "Rows read", task: "fit", fraction: 0.75 },
  ]);
});

Deno.test("LiveProgress tells nothing of tasks that have ended, though a line came later", () => {
  const progress = new LiveProgress();
  progress.hear([lineOf("a", half), lineOf("b", half)]);
  progress.forget("a");
  progress.hear([lineOf("a", most)]);
  const isLive = (taskId: string) => taskId !== "a";
  assertEquals(progress.artifactsOf("nightly", isLive).map(({ key }) => key), ["live:b:rows"]);
});

Deno.test("LiveProgress stays bounded, whatever tasks write", () => {
  const progress = new LiveProgress();
  for (let i = 0; i < 11_000; i++) progress.hear([lineOf(`t${i}`, half)]);
  for (let i = 0; i < 100; i++) {
    const line = progressLine({ name: `m${i}`, title: "m", fraction: 0 });
    progress.hear([lineOf("many", line)]);
  }
  const told = progress.artifactsOf("nightly", always);
  assertEquals(told.filter(({ key }) => key.startsWith("live:many:")).length, 32);
  assertEquals(told.length, 9_999 + 32);
});
