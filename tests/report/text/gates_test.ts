import { assertEquals } from "@std/assert";
import type { GateReport } from "../../../src/report/model/gates.ts";
import { verdictOf } from "../../../src/report/model/gates.ts";
import {
  gateHeading,
  gateValue,
  unmeasuredNotes,
  verdictSentence,
} from "../../../src/report/text/gates.ts";
import { FIXTURE_DESCRIPTORS } from "../fixture.ts";

function gate(metric: string, verdict: GateReport["verdict"]): GateReport {
  const value = verdict === "unknown" ? null : 0.25;
  return { metric, bound: "at most", limit: 0.5, value, verdict, needs: "trades" };
}

Deno.test("verdictOf() fails by one gate that failed, is open by one that was not measured, else passes", () => {
  const [passed, failed, unknown] = (["passed", "failed", "unknown"] as const).map((verdict) =>
    gate("turnover", verdict)
  );
  assertEquals(verdictOf([passed, unknown, failed]), "failed");
  assertEquals(verdictOf([passed, unknown]), "open");
  assertEquals(verdictOf([passed, passed]), "passed");
  assertEquals(verdictOf([]), undefined);
});

Deno.test("verdictSentence() names the gates that failed and those without data", () => {
  const sentence = (...gates: GateReport[]) => verdictSentence(gates, FIXTURE_DESCRIPTORS);
  assertEquals(
    sentence(gate("sharpe", "passed"), gate("turnover", "failed"), gate("skew", "unknown")),
    "Fails 1 of 3 gates: Turnover; 1 could not be measured: Skew",
  );
  assertEquals(
    sentence(gate("turnover", "passed"), gate("skew", "unknown")),
    "Passes 1 of 2 gates; 1 could not be measured: Skew",
  );
  assertEquals(sentence(gate("turnover", "passed")), "Passes its one gate");
  assertEquals(
    sentence(gate("turnover", "passed"), gate("sharpe", "passed")),
    "Passes all 2 gates",
  );
  assertEquals(sentence(), "");
});

Deno.test("A gate is written with its metric's label and unit, an unknown metric by its own name", () => {
  assertEquals(gateHeading(gate("turnover", "passed"), FIXTURE_DESCRIPTORS), {
    label: "Turnover",
    limit: "≤ 50.00%",
  });
  assertEquals(gateHeading(gate("mine", "passed"), FIXTURE_DESCRIPTORS), {
    label: "mine",
    limit: "≤ 0.50",
  });
  assertEquals(gateValue(gate("turnover", "passed"), FIXTURE_DESCRIPTORS), "25.00%");
  assertEquals(gateValue(gate("turnover", "unknown"), FIXTURE_DESCRIPTORS), "–");
});

Deno.test("unmeasuredNotes() says once what each gate without data needs", () => {
  const gates = [gate("skew", "unknown"), gate("turnover", "passed")];
  assertEquals(unmeasuredNotes([gates, gates], FIXTURE_DESCRIPTORS), ["Skew needs trades"]);
});
