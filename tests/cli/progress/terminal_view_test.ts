import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ProgressEvent } from "../../../src/cli/progress/events.ts";
import { INITIAL_PROGRESS, progressState } from "../../../src/cli/progress/state.ts";
import { formatDuration, textWidth } from "../../../src/cli/progress/terminal_text.ts";
import { renderFrame } from "../../../src/cli/progress/terminal_view.ts";

const EVENTS: readonly ProgressEvent[] = [
  { type: "RunStarted", stages: ["fetch", "optimise", "report"] },
  { type: "StageStarted", stage: "fetch" },
  { type: "StageFinished", stage: "fetch", detail: "20 symbols", durationMs: 312 },
  { type: "WorkersChanged", connected: 3 },
  { type: "StageStarted", stage: "optimise" },
  { type: "StageAdvanced", stage: "optimise", done: 50, total: 100, running: 4, cached: 10 },
];

function frame(events: readonly ProgressEvent[], columns: number, rows = 24): readonly string[] {
  const state = events.reduce((s, event) => progressState(s, event, 0), INITIAL_PROGRESS);
  return renderFrame(state, { nowMs: 4000, columns, rows, color: false });
}

Deno.test("renderFrame() shows marks, the running stage's bar, counts, times and workers", () => {
  assertEquals(frame(EVENTS, 80), [
    "✓ fetch     20 symbols  0.3 s",
    "▸ optimise  ██████████████░░░░░░░░░░░░░░  50/100",
    "            4.0 s · about 5.0 s left · 4 running · 10 cached · 3 workers",
    "· report",
  ]);
});

Deno.test("renderFrame() tells how the run ended", () => {
  const failed: ProgressEvent = { type: "RunFailed", message: "no solution" };
  assertEquals(frame([...EVENTS, failed], 80).slice(-3), [
    "✗ optimise  0 ms",
    "· report",
    "Failed: no solution",
  ]);
});

Deno.test("renderFrame() never fills a line, whatever the width and the names", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 100 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
    fc.nat(1e6),
    (columns, name, done) => {
      const lines = frame([
        ...EVENTS,
        { type: "StageAdvanced", stage: name, done, total: 1e6, running: 2, cached: 1 },
        { type: "StageFinished", stage: `${name}!`, detail: name.repeat(3), durationMs: done },
        { type: "RunCancelled", reason: name },
      ], columns);
      for (const line of lines) assert(textWidth(line) <= Math.max(4, columns - 1), line);
    },
  ));
});

Deno.test("renderFrame() keeps below the screen's height, its last lines first", () => {
  assertEquals(frame(EVENTS, 80, 3).length, 2);
  assertEquals(frame(EVENTS, 80, 3).at(-1), "· report");
});

Deno.test("renderFrame() lets no name or message control the terminal", () => {
  const lines = frame([
    { type: "StageStarted", stage: "a\x1b[2Jb" },
    { type: "RunFailed", message: "line\nline\r\x9b31m" },
  ], 80);
  // deno-lint-ignore no-control-regex -- what must not be there
  assert(lines.every((line) => !/[\u0000-\u001f\u007f-\u009f]/.test(line)), JSON.stringify(lines));
});

Deno.test("formatDuration() rounds without ever showing 60 seconds", () => {
  assertEquals(
    [0, 45, 312, 9_949, 9_950, 59_499, 59_500, 125_000, 3_600_000, 7_384_000].map(formatDuration),
    [
      "0 ms",
      "45 ms",
      "0.3 s",
      "9.9 s",
      "10 s",
      "59 s",
      "1 min 00 s",
      "2 min 05 s",
      "1 h 00 min",
      "2 h 03 min",
    ],
  );
});
