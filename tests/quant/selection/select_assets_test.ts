import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import { selectAssets } from "../../../src/quant/selection/select_assets.ts";
import type {
  Selection,
  SelectionCandidate,
  SelectionSettings,
} from "../../../src/quant/selection/selection.ts";

const T = 120;
const SETTINGS: SelectionSettings = {
  mode: "ladder",
  lookback: 120,
  topN: 3,
  threshold: 0.5,
  minWinners: 15,
  maxWinners: 25,
  directions: ["LONG"],
  periodsPerYear: 252,
  clustering: { lookbacks: [60, 120], cutHeight: 0.7, maxClusters: 25 },
};

/** Assets of a few groups, each with a drift of its own and a shock that its group shares. */
function returnsOf(seed: number, N: number, groups = 4): Float64Array {
  const rng = createRng(seed);
  const drifts = Array.from({ length: N }, () => 0.002 * rng.normal());
  const values = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    const shocks = Array.from({ length: groups }, () => 0.02 * rng.normal());
    for (let i = 0; i < N; i++) {
      values[t * N + i] = drifts[i] + shocks[i % groups] + 0.005 * rng.normal();
    }
  }
  return values;
}

const named = (N: number): SelectionCandidate[] =>
  Array.from({ length: N }, (_, i) => ({ symbol: `S${i}`, identity: `S${i}` }));

function select(
  values: Float64Array,
  candidates: readonly SelectionCandidate[],
  settings: Partial<SelectionSettings> = {},
): Selection {
  const window = { values, T, N: candidates.length };
  return selectAssets({ window, candidates, settings: { ...SETTINGS, ...settings } });
}

const universe = fc.record({
  seed: fc.nat(),
  N: fc.integer({ min: 1, max: 40 }),
  topN: fc.integer({ min: 1, max: 4 }),
  threshold: fc.double({ min: 0, max: 0.8, noNaN: true }),
  minWinners: fc.integer({ min: 0, max: 8 }),
  maxWinners: fc.integer({ min: 8, max: 12 }),
  identities: fc.integer({ min: 1, max: 40 }),
  isBoth: fc.boolean(),
});

function selectUniverse(of: typeof universe extends fc.Arbitrary<infer U> ? U : never) {
  const candidates = named(of.N).map((candidate, i) => ({
    ...candidate,
    identity: `I${i % of.identities}`,
  }));
  const settings: Partial<SelectionSettings> = {
    topN: of.topN,
    threshold: of.threshold,
    minWinners: of.minWinners,
    maxWinners: of.maxWinners,
    directions: of.isBoth ? ["LONG", "SHORT"] : ["LONG"],
  };
  return { candidates, selection: select(returnsOf(of.seed, of.N), candidates, settings) };
}

Deno.test("selectAssets() never takes two of one identity, more than maxWinners, or one that a hard veto keeps out", () => {
  fc.assert(
    fc.property(universe, (of) => {
      const { candidates, selection } = selectUniverse(of);
      const { winners, assets, steps } = selection;
      assert(winners.length <= of.maxWinners);
      const identities = winners.map(({ index }) => candidates[index].identity);
      assertEquals(new Set(identities).size, identities.length);
      assertEquals(assets.length, of.N);
      assertEquals(
        winners.map(({ index }) => index),
        [...assets.keys()].filter((i) => assets[i].isWinner),
      );
      assertEquals(
        steps.flatMap(({ added }) => added).sort(),
        winners.map(({ symbol }) => symbol).sort(),
      );
      for (const { isWinner, step, vetoes, reason } of assets) {
        assertEquals(isWinner, step !== null);
        assert(reason !== "" && !(isWinner && vetoes.some(({ isHard }) => isHard)));
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("selectAssets() relaxes only while winners are missing, and then as far as there are assets", () => {
  fc.assert(
    fc.property(universe, (of) => {
      const { selection: { steps, winners, assets } } = selectUniverse(of);
      assertEquals(
        steps.map(({ step }) => step),
        ["strict", "relaxed", "representative", "fill"].slice(0, steps.length),
      );
      for (const { winners: before } of steps.slice(0, -1)) assert(before < of.minWinners);
      if (steps.length < 4) assert(winners.length >= of.minWinners);
      if (winners.length >= of.minWinners) return;
      // Whoever is left out then could not have been taken.
      for (const { isWinner, vetoes, reason } of assets) {
        assert(isWinner || vetoes.some(({ isHard }) => isHard) || /is the same asset/.test(reason));
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("strict winners are the best of their direction in their cluster, above the threshold and without a veto", () => {
  fc.assert(
    fc.property(universe, (of) => {
      const { selection: { assets } } = selectUniverse({ ...of, minWinners: 0, identities: 40 });
      for (const winner of assets.filter(({ isWinner }) => isWinner)) {
        assertEquals(winner.vetoes, []);
        assert(winner.score! >= of.threshold);
        const better = assets.filter((other) =>
          other.cluster === winner.cluster && other.direction === winner.direction &&
          other.vetoes.length === 0 && other.score! > winner.score!
        );
        assert(better.length < of.topN && better.every(({ isWinner }) => isWinner));
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("selectAssets() looks at no more than the lookback, but for its clusters", () => {
  const values = returnsOf(3, 12);
  const settings = { lookback: 40, clustering: { ...SETTINGS.clustering, lookbacks: [40] } };
  const before = select(values, named(12), settings);
  const changed = values.slice();
  changed.fill(0.5, 0, 80 * 12);
  assertEquals(select(changed, named(12), settings), before);
  changed[80 * 12] += 0.1;
  assert(JSON.stringify(select(changed, named(12), settings)) !== JSON.stringify(before));
});

Deno.test("with both directions an asset that falls is sold short, and scored by what that earns", () => {
  const values = returnsOf(5, 10);
  for (let t = 0; t < T; t++) values[t * 10] = -0.004 + 0.001 * (t % 3);
  const both = select(values, named(10), { directions: ["LONG", "SHORT"] }).assets[0];
  assertEquals(both.direction, "SHORT");
  assert(both.features!.momentum > 0 && both.features!.efficiency === 1);
  const long = select(values, named(10)).assets[0];
  assertEquals(long.direction, "LONG");
  assert(long.features!.momentum < 0 && long.score! < both.score!);
});

Deno.test("an asset that stands still, or whose execution is not known, is never taken", () => {
  const values = returnsOf(6, 8);
  for (let t = 0; t < T; t++) values[t * 8 + 2] = 0;
  const candidates = named(8).map((one, i) => i === 5 ? { ...one, hasExecution: false } : one);
  const { assets, winners } = select(values, candidates);
  assertEquals(winners.map(({ index }) => index), [0, 1, 3, 4, 6, 7]);
  assertEquals(assets[2].reason, "vetoed: all of its returns are equal");
  assertEquals([assets[2].score, assets[5].step], [null, null]);
  assertEquals(assets[5].reason, "vetoed: its lot size, tick and fees are not known");
});

Deno.test("of two listings of one asset the better score is taken, and the other one says so", () => {
  const values = returnsOf(7, 6);
  const candidates = named(6).map((one, i) => i < 2 ? { ...one, identity: "same" } : one);
  const { assets } = select(values, candidates, { minWinners: 6, threshold: 0 });
  const [taken, other] = assets[0].isWinner ? [assets[0], assets[1]] : [assets[1], assets[0]];
  assert(taken.isWinner && !other.isWinner && taken.score! > other.score!);
  assertEquals(other.reason, `${taken.symbol} is the same asset and was chosen`);
});

Deno.test("the mode liquid takes those that trade most, one an identity, and none without traded values", () => {
  const values = returnsOf(8, 5);
  const daily = [5, undefined, 9, 7, 1];
  const candidates = named(5).map((one, i) => ({
    ...one,
    identity: i === 3 ? "S2" : one.identity,
    dailyValue: daily[i],
  }));
  const { winners, assets, steps } = select(values, candidates, {
    mode: "liquid",
    maxWinners: 2,
    minWinners: 0,
  });
  assertEquals(winners.map(({ symbol }) => symbol), ["S0", "S2"]);
  assertEquals(steps, [{ step: "liquid", added: ["S2", "S0"], winners: 2 }]);
  assertEquals(assets.map(({ reason }) => reason), [
    "number 2 by traded value",
    "its traded value is not known",
    "number 1 by traded value",
    "S2 is the same asset and trades more",
    "2 others trade more",
  ]);
  assertEquals(select(values, named(5), { mode: "liquid" }).winners, []);
});

Deno.test("the mode baseline takes all", () => {
  const { winners, assets } = select(returnsOf(9, 4), named(4), { mode: "baseline" });
  assertEquals(winners.map(({ index, direction }) => [index, direction]), [
    [0, "LONG"],
    [1, "LONG"],
    [2, "LONG"],
    [3, "LONG"],
  ]);
  assert(assets.every(({ isWinner, step }) => isWinner && step === "all"));
});

Deno.test("selectAssets() refuses candidates that do not match the window, and settings out of their range", () => {
  const values = returnsOf(1, 3);
  const window = { values, T, N: 3 };
  assertThrows(
    () => selectAssets({ window, candidates: named(2), settings: SETTINGS }),
    RangeError,
    "3 columns, there are 2 candidates",
  );
  const wrong: [Partial<SelectionSettings>, string][] = [
    [{ topN: 0 }, "topN must be a whole number from 1 on: it is 0"],
    [{ threshold: 1.5 }, "threshold must be 0 to 1: it is 1.5"],
    [{ minWinners: 26 }, "minWinners must be 0 to 25: it is 26"],
    [{ lookback: 1 }, "lookback must be a whole number from 2 on: it is 1"],
    [{ directions: [] }, "there is no direction"],
    [{ periodsPerYear: 0 }, "periodsPerYear must be above 0: it is 0"],
  ];
  for (const [settings, message] of wrong) {
    assertThrows(() => select(values, named(3), settings), RangeError, message);
  }
});
