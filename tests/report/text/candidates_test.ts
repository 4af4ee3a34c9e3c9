import { assertEquals } from "@std/assert";
import {
  bestCandidates,
  candidateNames,
  headlineDescriptors,
  otherDescriptors,
  rankCandidates,
} from "../../../src/report/text/candidates.ts";
import type { CandidateReport, MetricDescriptor } from "../../../src/report/model/report_model.ts";
import { makeReportModel } from "../fixture.ts";

const MODEL = makeReportModel({ bars: 5 });
const SHARPE: MetricDescriptor = {
  name: "sharpe",
  label: "Sharpe",
  unit: "ratio",
  higherIsBetter: true,
};

function withSharpe(...values: readonly (number | null)[]): readonly CandidateReport[] {
  return values.flatMap((sharpe) =>
    MODEL.candidates.slice(0, 1).map((c) => ({ ...c, metrics: { sharpe } }))
  );
}

Deno.test("candidateNames() leaves out the parts that all candidates share", () => {
  const both = makeReportModel({ bars: 5, profiles: ["hrp"], simulators: ["orders", "event"] });
  assertEquals(candidateNames(both.candidates), ["hrp · orders", "hrp · event"]);
  assertEquals(candidateNames(both.candidates.slice(0, 1)), ["hrp"]);
});

Deno.test("rankCandidates() puts the best first and those without a value last", () => {
  const candidates = withSharpe(0.5, null, 2, NaN, 1);
  assertEquals(rankCandidates({ ...MODEL, candidates }), [2, 4, 0, 1, 3]);
  const metricDescriptors = [{ ...SHARPE, higherIsBetter: false }];
  assertEquals(rankCandidates({ ...MODEL, candidates, metricDescriptors }), [0, 4, 2, 1, 3]);
});

Deno.test("bestCandidates() marks ties together, but nothing where all are equal or none is better", () => {
  assertEquals([...bestCandidates(withSharpe(1, 2, 2, null), SHARPE)], [1, 2]);
  assertEquals([...bestCandidates(withSharpe(1, 1, null), SHARPE)], []);
  assertEquals([...bestCandidates(withSharpe(1, 2), { ...SHARPE, higherIsBetter: null })], []);
  assertEquals([...bestCandidates(withSharpe(1, 2), { ...SHARPE, higherIsBetter: false })], [0]);
});

Deno.test("headlineDescriptors() keeps to their order and falls back to the model's first", () => {
  assertEquals(headlineDescriptors(MODEL).map(({ name }) => name), [
    "total_return",
    "annualized_return",
    "annualized_volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "turnover",
  ]);
  assertEquals(headlineDescriptors(MODEL)[3]?.label, "Sharpe");
  assertEquals(otherDescriptors(MODEL).map(({ name }) => name).slice(0, 2), [
    "calmar",
    "max_drawdown_start",
  ]);
  const other = [{ ...SHARPE, name: "own" }];
  assertEquals(headlineDescriptors({ ...MODEL, metricDescriptors: other }), other);
});
