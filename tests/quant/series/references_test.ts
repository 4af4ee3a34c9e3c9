import { assert, assertEquals } from "@std/assert";
import { sampleExcessKurtosis, sampleSkew } from "../../../src/quant/metrics/moments.ts";
import { readRegime } from "../../../src/quant/regime/regime_score.ts";
import { augmentedDickeyFuller } from "../../../src/quant/series/augmented_dickey_fuller.ts";
import { autocorrelation } from "../../../src/quant/series/autocorrelation.ts";
import { efficiency } from "../../../src/quant/series/efficiency.ts";
import { haarTurbulence } from "../../../src/quant/series/haar_turbulence.ts";
import { hurstExponent, logWealth } from "../../../src/quant/series/hurst_exponent.ts";
import { permutationEntropy } from "../../../src/quant/series/permutation_entropy.ts";
import references from "../../reference/selection/references.json" with { type: "json" };

function assertAgrees(actual: number, expected: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-3);
  assert(error <= 1e-9, `${what}: got ${actual}, expected ${expected}`);
}

for (const { kind, returns: text, measures } of references) {
  const returns = Float64Array.from(text.split(" "), Number);
  Deno.test(`measures of ${returns.length} returns, ${kind}, agree with statsmodels, antropy, SciPy and NumPy`, () => {
    const adf = augmentedDickeyFuller(logWealth(returns));
    assertEquals(adf.lags, measures.adf_lags);
    assertAgrees(adf.statistic, measures.adf_statistic, "ADF statistic");
    assertAgrees(adf.pValue, measures.adf_p_value, "ADF p-value");
    const ofReturns = augmentedDickeyFuller(returns).pValue;
    assertAgrees(ofReturns, measures.adf_p_value_of_returns, "ADF p-value of returns");
    assertAgrees(permutationEntropy(returns, 5), measures.permutation_entropy, "entropy");
    assertAgrees(hurstExponent(returns), measures.hurst, "Hurst");
    assertAgrees(haarTurbulence(returns), measures.turbulence, "turbulence");
    assertAgrees(efficiency(returns), measures.efficiency, "efficiency");
    assertAgrees(
      autocorrelation(returns.map(Math.abs)),
      measures.absolute_autocorrelation,
      "autocorrelation",
    );
    assertAgrees(sampleSkew(returns), measures.skew, "skew");
    assertAgrees(sampleExcessKurtosis(returns), measures.kurtosis, "kurtosis");
  });

  Deno.test(`the regime score of ${returns.length} returns, ${kind}, is the weighted sum of the libraries' measures`, () => {
    const expected = 0.35 * measures.volatility_ratio + 0.25 * measures.turbulence +
      0.15 * measures.absolute_autocorrelation + 0.1 * measures.permutation_entropy +
      0.1 * 2 * Math.abs(measures.hurst - 0.5) + 0.05 * measures.adf_p_value +
      0.15 * Math.min(1, Math.abs(measures.kurtosis) / 10);
    assertAgrees(readRegime(returns).score, expected, "score");
  });
}
