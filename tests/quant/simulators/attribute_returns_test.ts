import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { attributeReturns } from "../../../src/quant/simulators/attribute_returns.ts";
import { simulateVectorized } from "../../../src/quant/simulators/simulate_vectorized.ts";

Deno.test("attributeReturns() gives each asset wealth × weight × return, bar by bar", () => {
  const values = Float64Array.of(0.1, 0, 0.2, -0.5);
  const targets = [
    { row: 0, weights: Float64Array.of(1, 0) },
    { row: 1, weights: Float64Array.of(0.5, 0.5) },
  ];
  const portfolioReturns = Float64Array.of(0.1, -0.15);
  const { contributions, rest, meanWeights, heldShares } = attributeReturns({
    returns: { values, rows: 2, cols: 2 },
    targets,
    rebalance: { mode: "window" },
    portfolioReturns,
  });
  // 1 · 1 · 10 %, then 1.1 · 0.5 · 20 % and 1.1 · 0.5 · −50 %.
  assertAlmostEquals(contributions[0], 0.1 + 0.11, 1e-15);
  assertAlmostEquals(contributions[1], -0.275, 1e-15);
  assertAlmostEquals(rest, 0, 1e-15);
  assertEquals([...meanWeights], [0.75, 0.25]);
  assertEquals([...heldShares], [1, 0.5]);
});

Deno.test("attributeReturns() adds up to the total return after costs, whatever is held and traded", () => {
  const weight = fc.double({ min: -0.5, max: 1, noNaN: true });
  const move = fc.double({ min: -0.2, max: 0.2, noNaN: true });
  fc.assert(fc.property(
    fc.array(fc.tuple(move, move, move), { minLength: 6, maxLength: 12 }),
    fc.tuple(weight, weight, weight),
    fc.constantFrom("window", "daily", "drift"),
    (moves, weights, mode) => {
      const returns = { values: Float64Array.from(moves.flat()), rows: moves.length, cols: 3 };
      const rebalance = mode === "drift" ? { mode, threshold: 0.05 } as const : { mode } as const;
      const targets = [
        { row: 1, weights: Float64Array.from(weights) },
        { row: 4, weights: Float64Array.from(weights.toReversed()) },
      ];
      const costs = { slippageBps: 20, commissionBps: 5, initialWealth: 1 };
      const { returns: portfolioReturns, finalWealth, ruinedAtRow } = simulateVectorized({
        returns,
        targets,
        rebalance,
        ...costs,
      });
      if (ruinedAtRow !== null) return;
      const { contributions, rest } = attributeReturns({
        returns,
        targets,
        rebalance,
        portfolioReturns,
      });
      const sum = contributions.reduce((total, value) => total + value, rest);
      assertAlmostEquals(sum, finalWealth - 1, 1e-12);
      if (rest > 1e-12) throw new Error(`costs earned ${rest}`);
    },
  ));
});

Deno.test("attributeReturns() refuses returns of another length", () => {
  assertThrows(
    () =>
      attributeReturns({
        returns: { values: Float64Array.of(0.1, 0.1), rows: 2, cols: 1 },
        targets: [{ row: 0, weights: Float64Array.of(1) }],
        rebalance: { mode: "window" },
        portfolioReturns: Float64Array.of(0.1),
      }),
    RangeError,
    "1 of the portfolio, 2 bars",
  );
});
