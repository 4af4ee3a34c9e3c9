import { assert, assertEquals } from "@std/assert";
import { feasibleLimits } from "../../../src/quant/optimizers/feasible_limits.ts";
import type { WeightLimits } from "../../../src/quant/optimizers/weight_limits.ts";

function limitsOf(
  upper: number[],
  labels = upper.map(() => 0),
  caps = [1],
  lower = upper.map(() => 0),
): WeightLimits {
  return {
    n: upper.length,
    lower: Float64Array.from(lower),
    upper: Float64Array.from(upper),
    labels: Int32Array.from(labels),
    caps: Float64Array.from(caps),
  };
}

function relaxed(limits: WeightLimits) {
  const result = feasibleLimits(limits);
  assert(result.status === "feasible", JSON.stringify(result));
  return result;
}

Deno.test("feasibleLimits() leaves caps alone that just add up to 1", () => {
  const limits = limitsOf(Array(49).fill(1 / 49));
  assertEquals(relaxed(limits), { status: "feasible", limits, relaxations: [] });
});

Deno.test("feasibleLimits() lifts group caps by the smallest factor that makes room", () => {
  // Group 0 is full at 0.3 by its asset; group 1 has to take 0.7 of a cap of 0.5.
  const { limits, relaxations } = relaxed(limitsOf([0.3, 0.6, 0.6], [0, 1, 1], [0.5, 0.5]));
  assertEquals(relaxations, ["group_caps_lifted:1.400000"]);
  assertEquals([...limits.caps], [0.7, 0.7]);
  assertEquals([...limits.upper], [0.3, 0.6, 0.6]);
});

Deno.test("feasibleLimits() lifts a group cap that is below its lower bounds", () => {
  const { relaxations } = relaxed(limitsOf([1, 1], [0, 1], [0.2, 1], [0.3, 0]));
  assertEquals(relaxations, ["group_caps_lifted:1.500000"]);
});

Deno.test("feasibleLimits() removes group caps and lifts asset caps when these are too low themselves", () => {
  const { limits, relaxations } = relaxed(limitsOf([0.2, 0.3], [0, 1], [0.5, 0.5]));
  assertEquals(relaxations, ["group_caps_removed", "asset_caps_lifted:2.000000"]);
  assertEquals([...limits.upper], [0.4, 0.6]);
});

Deno.test("feasibleLimits() lifts no asset cap above 1", () => {
  const { limits } = relaxed(limitsOf([0.6, 0, 0.1]));
  assertEquals([...limits.upper].map((bound) => Number(bound.toFixed(12))), [
    0.857142857143,
    0,
    0.142857142857,
  ]);
});

Deno.test("feasibleLimits() says why there is no portfolio", () => {
  const reasonOf = (limits: WeightLimits) => {
    const result = feasibleLimits(limits);
    return result.status === "infeasible" ? result.reason : "feasible";
  };
  assertEquals(
    reasonOf(limitsOf([1, 1], [0, 0], [1], [0.7, 0.6])),
    "Cannot allocate: the lower bounds sum to 1.2999999999999998, above 1",
  );
  assertEquals(
    reasonOf(limitsOf([0.5, 0.5], [0, 0], [1], [0.6, 0])),
    "Cannot allocate: asset 0 has lower bound 0.6 above its upper bound 0.5",
  );
  assertEquals(reasonOf(limitsOf([0, 0])), "Cannot allocate: every upper bound is 0");
});
