import { assert, assertEquals } from "@std/assert";
import { computeMetrics } from "../../../src/quant/metrics/compute_metrics.ts";
import { normalCdf, normalQuantile } from "../../../src/quant/metrics/normal_distribution.ts";
import { probabilisticSharpe } from "../../../src/quant/metrics/sharpe_inference.ts";
import references from "../../reference/metrics/references.json" with { type: "json" };

const TOLERANCE = 1e-9;

type SeriesName = keyof typeof references.returns;

function seriesOf(name: SeriesName): Float64Array {
  return Float64Array.from(references.returns[name].split(" "), Number);
}

function assertAgrees(actual: number, expected: number | null, what: string): void {
  if (expected === null) {
    assert(Number.isNaN(actual), `${what}: expected NaN, got ${actual}`);
    return;
  }
  const error = Math.abs(actual - expected) / Math.abs(expected === 0 ? 1 : expected);
  assert(error <= TOLERANCE, `${what}: got ${actual}, expected ${expected}`);
}

for (const { series, fromRow, toRow, periodsPerYear, riskFreeRate, metrics } of references.cases) {
  const name = `${series} [${fromRow}, ${toRow}), A ${periodsPerYear}, r_f ${riskFreeRate}`;
  Deno.test(`computeMetrics() agrees with QuantStats and empyrical on ${name}`, () => {
    const returns = seriesOf(series as SeriesName).subarray(fromRow, toRow);
    const benchmark = seriesOf("index").subarray(fromRow, toRow);
    const actual: Record<string, number> = {
      ...computeMetrics(returns, { periodsPerYear, benchmark, riskFreeRate }),
      probabilistic_sharpe: probabilisticSharpe(returns),
    };
    assertEquals(Object.keys(actual).sort(), Object.keys(metrics).sort());
    for (const [metric, expected] of Object.entries(metrics)) {
      assertAgrees(actual[metric], expected, metric);
    }
  });
}

Deno.test("normalCdf() and normalQuantile() agree with SciPy, the lower tail relatively", () => {
  for (const [x, expected] of references.normal.cdf) {
    assert(Math.abs(normalCdf(x) / expected - 1) < 1e-12, `cdf(${x}) is ${normalCdf(x)}`);
  }
  for (const [p, expected] of references.normal.quantile) {
    assert(
      Math.abs(normalQuantile(p) - expected) < 1e-12,
      `quantile(${p}) is ${normalQuantile(p)}`,
    );
  }
});
