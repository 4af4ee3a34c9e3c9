import { assertAlmostEquals, assertEquals } from "@std/assert";
import { bayesSteinMeans } from "../../../src/quant/estimators/bayes_stein.ts";
import { capmMeans } from "../../../src/quant/estimators/capm_means.ts";
import { denoisedCovariance } from "../../../src/quant/estimators/denoised_covariance.ts";
import { ewmaCovariance, ewmaMeans } from "../../../src/quant/estimators/ewma.ts";
import { oracleShrinkage } from "../../../src/quant/estimators/oracle_shrinkage.ts";
import { sampleCovariance } from "../../../src/quant/estimators/sample_covariance.ts";
import limitReferences from "../../reference/optimizers/limit_references.json" with {
  type: "json",
};
import references from "../../reference/optimizers/references.json" with { type: "json" };

const { T, N, periodsPerYear, riskFreeRate } = references;
const { estimators, halfLife } = limitReferences;
const window = { values: Float64Array.from(references.returns), T, N };

const found: Record<keyof typeof estimators, () => Float64Array> = {
  oas: () => oracleShrinkage(window).covariance.data,
  ewma: () => ewmaCovariance(window, halfLife).data,
  denoised: () => denoisedCovariance(window).covariance.data,
  ewmaMeans: () => ewmaMeans(window, halfLife),
  bayesSteinMeans: () => bayesSteinMeans(window, sampleCovariance(window)).means,
  capmMeans: () => capmMeans(window, riskFreeRate / periodsPerYear),
};

for (const [name, expected] of Object.entries(estimators)) {
  Deno.test(`${name} agrees with the other library's on real returns`, () => {
    const ours = found[name as keyof typeof estimators]();
    assertEquals(ours.length, expected.length);
    const scale = Math.max(...expected.map(Math.abs));
    expected.forEach((value, k) => assertAlmostEquals(ours[k], value, 1e-9 * scale, `entry ${k}`));
  });
}
