import type { GateReport } from "../model/gates.ts";
import { verdictOf } from "../model/gates.ts";
import type { MetricDescriptor } from "../model/report_model.ts";
import { formatQuantity, NO_VALUE } from "./format.ts";

/** The sign of a gate's verdict, and the word for those who cannot see it. */
export const VERDICT_SIGNS: Readonly<Record<GateReport["verdict"], readonly [string, string]>> = {
  passed: ["✓", "passed"],
  failed: ["✗", "failed"],
  unknown: ["?", "not measured"],
};

/** A gate's name and its limit, for instance `Turnover` and `≤ 50.00%`. */
export function gateHeading(
  gate: GateReport,
  descriptors: readonly MetricDescriptor[],
): { readonly label: string; readonly limit: string } {
  return {
    label: descriptorOf(gate, descriptors)?.label ?? gate.metric,
    limit: `${gate.bound === "at most" ? "≤" : "≥"} ${quantity(gate, gate.limit, descriptors)}`,
  };
}

/** What was measured, with its unit; a dash where nothing was. */
export function gateValue(gate: GateReport, descriptors: readonly MetricDescriptor[]): string {
  return gate.value === null ? NO_VALUE : quantity(gate, gate.value, descriptors);
}

/** The verdict over all gates in a few words, for instance `Fails 2 of 8 gates: Turnover, Stress alpha per bar`.
 * @returns nothing for a candidate that no gate was held to */
export function verdictSentence(
  gates: readonly GateReport[],
  descriptors: readonly MetricDescriptor[],
): string {
  const named = (verdict: GateReport["verdict"]) =>
    gates.filter((gate) => gate.verdict === verdict)
      .map((gate) => gateHeading(gate, descriptors).label);
  const failed = named("failed"), unknown = named("unknown");
  const unmeasured = unknown.length === 0
    ? ""
    : `${unknown.length} could not be measured: ${unknown.join(", ")}`;
  switch (verdictOf(gates)) {
    case undefined:
      return "";
    case "passed":
      return gates.length === 1 ? "Passes its one gate" : `Passes all ${gates.length} gates`;
    case "failed":
      return `Fails ${failed.length} of ${gates.length} gates: ${failed.join(", ")}` +
        (unmeasured === "" ? "" : `; ${unmeasured}`);
    case "open":
      return `Passes ${gates.length - unknown.length} of ${gates.length} gates; ${unmeasured}`;
  }
}

/** Why gates of any of the candidates have no value: one line a gate. */
export function unmeasuredNotes(
  gatesOfAll: readonly (readonly GateReport[])[],
  descriptors: readonly MetricDescriptor[],
): readonly string[] {
  const notes = new Map<string, string>();
  for (const gate of gatesOfAll.flat()) {
    if (gate.verdict !== "unknown") continue;
    notes.set(gate.metric, `${gateHeading(gate, descriptors).label} needs ${gate.needs}`);
  }
  return [...notes.values()];
}

function quantity(
  gate: GateReport,
  value: number,
  descriptors: readonly MetricDescriptor[],
): string {
  const unit = descriptorOf(gate, descriptors)?.unit;
  return formatQuantity(value, unit === undefined || unit === "date" ? "ratio" : unit);
}

function descriptorOf(
  { metric }: GateReport,
  descriptors: readonly MetricDescriptor[],
): MetricDescriptor | undefined {
  return descriptors.find(({ name }) => name === metric);
}
