import { assertEquals } from "@std/assert";
import { holdingsOver } from "../../../src/production/meta/holdings.ts";
import type { SleeveDecision } from "../../../src/production/meta/read_sleeve.ts";

const assets = (atS: number, weights: Record<string, number>): SleeveDecision => ({
  atS,
  holds: { type: "assets", weights: new Map(Object.entries(weights)) },
});

/** The net weights at each time. */
function nets(sleeves: Parameters<typeof holdingsOver>[0], starts: number[], rows: number[][]) {
  return holdingsOver(sleeves, starts, rows.map((row) => Float64Array.from(row))).map(
    ({ atS, contributions }) => [
      atS,
      contributions.map(({ symbol, path, sleeveWeight, assetWeight }) =>
        `${path}:${symbol}=${sleeveWeight * assetWeight}`
      ).join(" "),
    ],
  );
}

Deno.test("holdingsOver() follows the weights of the sleeves and of their assets, whichever changes", () => {
  const sleeves = [
    { id: "a", decisions: [assets(5, { X: 1 }), assets(20, { X: 0.5, Y: 0.5 })] },
    { id: "b", decisions: [assets(10, { Y: 1 }), assets(35, { Z: -1 })] },
  ];
  assertEquals(nets(sleeves, [10, 30], [[0.5, 0.5], [0.25, 0.75]]), [
    [10, "a:X=0.5 b:Y=0.5"],
    [20, "a:X=0.25 a:Y=0.25 b:Y=0.5"],
    [30, "a:X=0.125 a:Y=0.125 b:Y=0.75"],
    [35, "a:X=0.125 a:Y=0.125 b:Z=-0.75"],
  ]);
});

Deno.test("holdingsOver() holds cash for a sleeve before its first solution", () => {
  const sleeves = [
    { id: "a", decisions: [assets(5, { X: 1 })] },
    { id: "b", decisions: [assets(30, { Y: 1 })] },
  ];
  assertEquals(nets(sleeves, [10], [[0.5, 0.5]]), [[10, "a:X=0.5"], [30, "a:X=0.5 b:Y=0.5"]]);
});
