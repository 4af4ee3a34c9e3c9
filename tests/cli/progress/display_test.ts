import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ProgressDisplay, type ProgressDisplayOptions } from "../../../src/cli/progress/display.ts";
import type { ProgressEvent } from "../../../src/cli/progress/events.ts";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";

/** A display whose clock and writer the test holds. */
function driven(options: Partial<ProgressDisplayOptions> = {}) {
  const writes: string[] = [];
  const clock = { ms: 0, nowMs: () => clock.ms };
  const display = new ProgressDisplay({
    mode: "terminal",
    color: false,
    clock,
    size: () => ({ columns: 80, rows: 24 }),
    writer: {
      writeSync(bytes) {
        writes.push(new TextDecoder().decode(bytes));
        return bytes.length;
      },
    },
    ...options,
  });
  return { display, clock, writes };
}

const start: ProgressEvent = { type: "StageStarted", stage: "optimise", total: 1000 };
const advance = (done: number): ProgressEvent => ({
  type: "StageAdvanced",
  stage: "optimise",
  done,
  total: 1000,
  running: 1,
  cached: 0,
});

Deno.test("A terminal display draws at most ten frames a second", () => {
  const { display, clock, writes } = driven();
  display.report(start);
  for (clock.ms = 0; clock.ms < 1000; clock.ms++) display.report(advance(clock.ms));
  assertEquals(writes.length, 10);
});

Deno.test("A terminal display shows the last event with the tick after the interval", () => {
  const { display, clock, writes } = driven();
  display.report(start);
  display.report(advance(7));
  assert(!writes.join("").includes("7/1000"));
  clock.ms = 100;
  display.tick();
  assertStringIncludes(writes.join(""), "7/1000");
});

Deno.test("A terminal display moves its clock each second without events", () => {
  const { display, clock, writes } = driven();
  display.report(start);
  for (clock.ms = 0; clock.ms <= 3000; clock.ms += 100) display.tick();
  assertEquals(writes.length, 4);
  assertStringIncludes(writes.at(-1) ?? "", "3.0 s");
});

Deno.test("A terminal display erases exactly the lines that it drew", () => {
  const { display, clock, writes } = driven();
  display.report(start);
  clock.ms = 100;
  display.report(advance(1));
  const drawn = (writes[0] ?? "").split("\n").length - 1;
  assertStringIncludes(writes[1] ?? "", `\x1b[${drawn}A\r\x1b[0J`);
});

Deno.test("A terminal display gives the cursor back once, and is silent afterwards", () => {
  const { display, writes } = driven();
  display.report(start);
  display[Symbol.dispose]();
  display[Symbol.dispose]();
  display.report(advance(5));
  const text = writes.join("");
  assertEquals([text.split(HIDE_CURSOR).length, text.split(SHOW_CURSOR).length], [2, 2]);
  assert(text.endsWith(SHOW_CURSOR));
});

Deno.test("A terminal display draws what it has not yet shown before it closes", () => {
  const { display, writes } = driven();
  display.report(start);
  display.report(advance(1000));
  display[Symbol.dispose]();
  assertStringIncludes(writes.join(""), "1000/1000");
});

Deno.test("A terminal display keeps notices above its frame", () => {
  const { display, clock, writes } = driven();
  display.report(start);
  clock.ms = 100;
  display.report({ type: "Notice", message: "Worker w2 left." });
  const [, notice = "", frame = ""] = writes;
  assertStringIncludes(notice, "! Worker w2 left.\n");
  assert(!frame.includes("\x1b[0J"), "the frame after a notice must not erase it");
});

Deno.test("A terminal of unknown size is taken for 80 by 24", () => {
  const { display, writes } = driven({ size: () => ({ columns: 0, rows: 0 }) });
  display.report({ type: "StageFinished", stage: "fetch", detail: "x".repeat(200), durationMs: 5 });
  const [line = ""] = writes.join("").replace(HIDE_CURSOR, "").split("\n");
  assertEquals([...line].length, 79);
});

Deno.test("A plain display writes one line for each start and end, without codes", () => {
  const { display, writes } = driven({ mode: "plain" });
  display.report({ type: "RunStarted", stages: ["optimise"] });
  display.report(start);
  display.report(advance(5));
  display.report({ type: "WorkersChanged", connected: 2 });
  display.report({
    type: "StageFinished",
    stage: "optimise",
    detail: "1,000 solved",
    durationMs: 2000,
  });
  display.report({ type: "RunFinished", durationMs: 2100 });
  display[Symbol.dispose]();
  assertEquals(writes, [
    "optimise: started, 1000 tasks\n",
    "optimise: finished in 2.0 s, 1,000 solved\n",
    "run: finished in 2.1 s\n",
  ]);
});

Deno.test("A quiet display writes nothing", () => {
  const { display, writes } = driven({ mode: "quiet" });
  display.report(start);
  display.report({ type: "Notice", message: "unheard" });
  display[Symbol.dispose]();
  assertEquals(writes, []);
});

Deno.test("A display whose pipe is closed does not fail its run", () => {
  const { display } = driven({
    writer: {
      writeSync() {
        throw new Deno.errors.BrokenPipe("gone");
      },
    },
  });
  display.report(start);
  display.report({ type: "RunFinished", durationMs: 1 });
  display[Symbol.dispose]();
});

Deno.test("Only a display in colour writes colour codes", () => {
  for (const color of [true, false]) {
    const { display, writes } = driven({ color });
    display.report(start);
    display[Symbol.dispose]();
    assertEquals(writes.join("").includes("\x1b[36m"), color);
  }
});
