import { assertEquals, assertRejects } from "@std/assert";
import type { ProgressEvent } from "../../../src/cli/progress/events.ts";
import { reportStage } from "../../../src/cli/progress/report_stage.ts";

function recorder() {
  const events: ProgressEvent[] = [];
  let nowMs = 1000;
  const reporter = {
    report: (event: ProgressEvent) => void events.push(event),
    [Symbol.dispose]() {},
  };
  return { events, tell: { reporter, clock: { nowMs: () => nowMs += 10 } } };
}

Deno.test("reportStage() tells start, advance and end of a stage, and gives what came of it", async () => {
  const { events, tell } = recorder();
  const result = await reportStage(tell, "verify", (onProgress) => {
    onProgress(1, 2);
    return Promise.resolve(7);
  }, (count) => `${count} files`);
  assertEquals(result, 7);
  assertEquals(events, [
    { type: "StageStarted", stage: "verify" },
    { type: "StageAdvanced", stage: "verify", done: 1, total: 2, running: 0, cached: 0 },
    { type: "StageFinished", stage: "verify", detail: "7 files", durationMs: 10 },
  ]);
});

Deno.test("reportStage() tells why a stage failed, and throws it", async () => {
  const { events, tell } = recorder();
  const fail = () => Promise.reject(new Error("no disk"));
  await assertRejects(() => reportStage(tell, "sync", fail, () => ""), Error, "no disk");
  assertEquals(events.at(-1), {
    type: "StageFailed",
    stage: "sync",
    message: "no disk",
    durationMs: 10,
  });
});
