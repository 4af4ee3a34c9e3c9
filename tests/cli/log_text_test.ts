import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseDurationMs } from "../../src/cli/durations.ts";
import { renderLogLine } from "../../src/cli/log_text.ts";
import { formatSize } from "../../src/base/size_text.ts";
import { parseSizeBytes } from "../../src/cli/sizes.ts";
import { UserError } from "../../src/base/errors.ts";
import type { StoredLine } from "../../cluster/client/mod.ts";

const LINE: StoredLine = {
  seq: 1,
  stream: "stdout",
  time: "2026-11-24T10:22:31.045Z",
  node: "worker_01KB3YQ0J5M7Z4V2W8X6T1R9PC",
  line: 7,
  run: "r",
  task: "client_01KB3YQ0J5M7Z4V2W8X6T1R9PD/12",
  attempt: 1,
  name: "optimise",
  text: "done",
};

Deno.test("renderLogLine() shows time, node, task, attempt, stream and text", () => {
  const time = /^\d\d:\d\d:\d\d\.045 /;
  const rest = (line: StoredLine) => renderLogLine(line, false).replace(time, "");
  assertMatch(renderLogLine(LINE, false), time);
  assertEquals(rest(LINE), "worker…R9PC optimise/12 │ done");
  assertEquals(rest({ ...LINE, attempt: 2, stream: "stderr" }), "worker…R9PC optimise/12#2 ! done");
  const { time: at, seq } = LINE;
  const notice: StoredLine = {
    stream: "notice",
    time: at,
    seq,
    node: "head",
    line: 1,
    text: "hello",
  };
  assertEquals(rest(notice), "head · hello");
});

Deno.test("renderLogLine() shows characters that would change the terminal, and colours only when asked", () => {
  const text = "\x1b[2Jgone\x07\ttab\x9b5m";
  assertMatch(renderLogLine({ ...LINE, text }, false), /␛\[2Jgone␇\ttab\uFFFD5m$/);
  assertEquals(renderLogLine(LINE, false).includes("\x1b"), false);
  const isColoured = renderLogLine(LINE, true).includes("\x1b[36mworker…R9PC\x1b[39m");
  assertEquals(isColoured, !Deno.noColor);
});

Deno.test("parseDurationMs() and parseSizeBytes() read what people write, and refuse the rest with its value", () => {
  const times = ["500ms", "90", "90s", "10m", "1.5h", "2d"];
  assertEquals(times.map((text) => parseDurationMs("since", text)), [
    500,
    90_000,
    90_000,
    600_000,
    5_400_000,
    172_800_000,
  ]);
  for (const text of ["", "m", "-1s", "5 weeks", "1e9"]) {
    assertThrows(
      () => parseDurationMs("since", text),
      UserError,
      `--since ${JSON.stringify(text)}`,
    );
  }
  const sizes = ["1500000", "512MiB", "1.5G", "2 gib", "1kB", "7B"];
  assertEquals(sizes.map((text) => parseSizeBytes("memory", text)), [
    1_500_000,
    512 * 2 ** 20,
    1.5 * 2 ** 30,
    2 * 2 ** 30,
    1024,
    7,
  ]);
  for (const text of ["", "0", "0.5", "much", "-1", "1e400", "9999999T"]) {
    assertThrows(
      () => parseSizeBytes("memory", text),
      UserError,
      `--memory ${JSON.stringify(text)}`,
    );
  }
  assertEquals([3_000, 80 * 2 ** 20, 1.5 * 2 ** 30].map(formatSize), [
    "3 KiB",
    "80 MiB",
    "1.5 GiB",
  ]);
});
