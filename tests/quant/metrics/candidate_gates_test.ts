import { assertAlmostEquals, assertEquals } from "@std/assert";
import { GATES_DEFAULTS } from "../../../src/manifest/gates_config.ts";
import {
  CANDIDATE_GATES,
  candidateGates,
  judgeCandidate,
} from "../../../src/quant/metrics/candidate_gates.ts";
import { frictionDecay } from "../../../src/quant/metrics/friction_decay.ts";
import { METRICS } from "../../../src/quant/metrics/metric_descriptors.ts";
import { selectionJaccard } from "../../../src/quant/metrics/selection_stability.ts";
import { tailMultiples } from "../../../src/quant/metrics/tail_multiples.ts";

Deno.test("judgeCandidate() says for each gate what was measured, the limit, and whether it holds", () => {
  const gates = [
    { metric: "turnover", bound: "at most", limit: 0.5, needs: "trades" },
    { metric: "stress_alpha", bound: "at least", limit: 0, needs: "a benchmark" },
    { metric: "antifragility", bound: "at least", limit: -0.2, needs: "tails" },
  ] as const;
  assertEquals(judgeCandidate({ turnover: 0.5, stress_alpha: -1e-9, antifragility: NaN }, gates), [
    { ...gates[0], value: 0.5, verdict: "passed" },
    { ...gates[1], value: -1e-9, verdict: "failed" },
    { ...gates[2], value: NaN, verdict: "unknown" },
  ]);
});

Deno.test("judgeCandidate() does not pass what was not measured", () => {
  assertEquals(new Set(judgeCandidate({}).map(({ verdict }) => verdict)), new Set(["unknown"]));
});

Deno.test("every gate judges a metric that is described", () => {
  const names = METRICS.map(({ name }) => name);
  assertEquals(CANDIDATE_GATES.filter(({ metric }) => !names.includes(metric)), []);
});

Deno.test("frictionDecay() is the share of the ideal Sharpe ratio that is lost", () => {
  assertEquals([frictionDecay(1.5, 2), frictionDecay(2, 2), frictionDecay(-1, 2)], [0.25, 0, 1.5]);
  assertEquals([frictionDecay(1, 0), frictionDecay(-2, -1), frictionDecay(NaN, 1)], [
    NaN,
    NaN,
    NaN,
  ]);
});

Deno.test("selectionJaccard() is the mean share of what neighbouring windows have in common", () => {
  const sets = (...windows: string[]) => windows.map((window) => new Set(window));
  assertEquals(selectionJaccard(sets("ab", "bc", "bc")), (1 / 3 + 1) / 2);
  assertEquals(selectionJaccard(sets("ab", "", "")), 0);
  assertEquals([selectionJaccard(sets("ab")), selectionJaccard(sets("", ""))], [NaN, NaN]);
});

Deno.test("tailMultiples() is 1 beside itself, and 2 for twice the losses", () => {
  const returns = Float64Array.of(0.01, -0.02, 0.01, 0.03);
  assertEquals(tailMultiples(returns, returns), { cvar: 1, drawdown: 1 });
  const twice = tailMultiples(returns.map((value) => 2 * value), returns);
  assertAlmostEquals(twice.cvar, 2, 1e-12);
  assertAlmostEquals(twice.drawdown, 2, 1e-12);
  assertEquals(tailMultiples(returns, Float64Array.of(1, 1, 1, 1)), { cvar: NaN, drawdown: NaN });
});

Deno.test("candidateGates() has the limits that are given, and of the others the usual ones, which a manifest has too", () => {
  assertEquals(candidateGates({ ...GATES_DEFAULTS }), [...CANDIDATE_GATES]);
  const limits = candidateGates({ turnover: 0.1 }).map(({ metric, limit }) => [metric, limit]);
  const { turnover: _, ...others } = GATES_DEFAULTS;
  assertEquals(Object.fromEntries(limits), { ...others, turnover: 0.1 });
});
