import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatUsd,
} from "../../../../cluster/head/dashboard/page/format.ts";
import { axisTicks, ganttRows } from "../../../../cluster/head/dashboard/page/gantt_layout.ts";
import { layoutGraph } from "../../../../cluster/head/dashboard/page/graph_layout.ts";

Deno.test("durations and sizes are told in units that people read", () => {
  assertEquals([0, 840, 4_200, 59_999, 190_000, 7_500_000, 273_600_000].map(formatDuration), [
    "0 ms",
    "840 ms",
    "4.2 s",
    "59 s",
    "3 min 10 s",
    "2 h 5 min",
    "3 d 4 h",
  ]);
  assertEquals([0, 512, 1_536, 300 * 2 ** 20].map(formatBytes), [
    "0 B",
    "512 B",
    "1.5 KiB",
    "300 MiB",
  ]);
  assertEquals([NaN, -1].map(formatDuration), ["–", "–"]);
  assertEquals(formatAge(0, 125_000), "2 min ago");
  assertEquals([0, 0.042, 12.3].map(formatUsd), ["$0.00", "$0.0420", "$12.30"]);
});

Deno.test("ganttRows() puts nodes one below the other, and many lanes make narrow ones", () => {
  const rows = ganttRows({
    a: { lanes: 4, bars: [] },
    b: { lanes: 64, bars: [] },
    c: { lanes: 9, busy: "0" },
  });
  for (const [i, row] of rows.slice(1).entries()) {
    assert(row.topPx > rows[i].topPx + rows[i].heightPx);
  }
  assertEquals(rows.map(({ lanePx }) => lanePx), [8, 3, 20]);
});

Deno.test("axisTicks() are round, begin at 0 and end in time", () => {
  assertEquals(axisTicks(1_000, 5), [0, 200, 400, 600, 800, 1_000]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: 1, max: 12 }),
      (span, count) => {
        const ticks = axisTicks(span, count);
        assert(ticks.length <= count + 1 && ticks[0] === 0 && ticks[ticks.length - 1] <= span);
      },
    ),
  );
});

Deno.test("layoutGraph() sets each stage right of all that lead to it, and survives circles", () => {
  const edge = (from: string, to: string) => ({ from, to, kind: "data" as const });
  const places = layoutGraph(["a", "b", "c", "d"], [
    edge("a", "b"),
    edge("b", "d"),
    edge("a", "d"),
  ]);
  assertEquals(places.map(({ column, place }) => [column, place]), [[0, 0], [1, 0], [0, 1], [
    2,
    0,
  ]]);
  const circle = layoutGraph(["a", "b"], [edge("a", "b"), edge("b", "a")]);
  assert(circle.every(({ column }) => column < 2));
});
