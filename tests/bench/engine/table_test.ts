import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { median, percentile } from "./statistics.ts";
import { table } from "./table.ts";

function lineOf(text: string, label: string): string {
  return text.split("\n").find((line) => line.startsWith(`| ${label} |`)) ?? "";
}

Deno.test("table() shows medians with their spread and marks the rows where a peer is ahead", () => {
  const text = table([
    { id: "ours", samples: [30, 10, 20].map((burstPerS) => ({ burstPerS, noopP50Ms: 4 })) },
    { id: "peer", samples: [{ burstPerS: 5, noopP50Ms: 2 }] },
  ]);
  assertEquals(
    lineOf(text, "no-op tasks at once"),
    "| no-op tasks at once | tasks/s ↑ | 20 (10–30) | 5 | 4× |",
  );
  assertStringIncludes(lineOf(text, "one no-op task, p50"), "| 2 | **2×** |");
});

Deno.test("table() says of a row that an engine does not have that it is not there yet", () => {
  const text = table([{ id: "ours", samples: [{}] }, { id: "peer", samples: [{ actorPerS: 7 }] }]);
  assertEquals(
    lineOf(text, "actor calls at once"),
    "| actor calls at once | calls/s ↑ | not yet | 7 |  |",
  );
});

Deno.test("percentile() takes the nearest rank and refuses no values", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assertEquals([0, 0.5, 0.99, 1].map((q) => percentile(hundred, q)), [1, 50, 99, 100]);
  assertThrows(() => percentile([], 0.5), RangeError, "no values");
});

Deno.test("median() of an even number of values is the mean of the middle two", () => {
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertEquals(median([9, 1, 5]), 5);
});
