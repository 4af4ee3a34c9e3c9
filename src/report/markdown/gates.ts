import type { ReportModel } from "../model/report_model.ts";
import { tabledCandidates } from "../text/candidates.ts";
import {
  gateHeading,
  gateValue,
  unmeasuredNotes,
  VERDICT_SIGNS,
  verdictSentence,
} from "../text/gates.ts";
import { escapeMarkdown, markdownTable } from "./text.ts";

/** Candidates × gates as Markdown blocks; none where no candidate was held to a gate. */
export function gateBlocks(model: ReportModel, names: readonly string[]): readonly string[] {
  const { candidates, metricDescriptors } = model;
  const first = candidates.find(({ gates }) => gates.length > 0);
  if (first === undefined) return [];
  const headings = first.gates.map((gate) => {
    const { label, limit } = gateHeading(gate, metricDescriptors);
    return escapeMarkdown(`${label} ${limit}`);
  });
  const rows = tabledCandidates(model).indices.map((index) => {
    const gates = candidates[index]?.gates ?? [];
    return [
      escapeMarkdown(names[index] ?? ""),
      escapeMarkdown(verdictSentence(gates, metricDescriptors)),
      ...gates.map((gate) =>
        `${escapeMarkdown(gateValue(gate, metricDescriptors))} ${VERDICT_SIGNS[gate.verdict][0]}`
      ),
    ];
  });
  const notes = unmeasuredNotes(candidates.map(({ gates }) => gates), metricDescriptors);
  return [
    "## Candidate gates",
    [
      "✓ passed, ✗ failed, ? not measured, which has not passed.",
      ...notes.map((note) => `${note}.`),
    ]
      .map(escapeMarkdown).join(" "),
    markdownTable(["Candidate", "Verdict", ...headings], `ll${"r".repeat(headings.length)}`, rows),
  ];
}
