import {
  bestCandidates,
  candidateNames,
  headlineDescriptors,
  otherDescriptors,
  rankCandidates,
} from "../text/candidates.ts";
import { formatMetric } from "../text/format.ts";
import { remarkText } from "../text/remarks.ts";
import { artifactBlocks } from "./artifacts.ts";
import { crossValidationBlocks } from "./cross_validation.ts";
import { gateBlocks } from "./gates.ts";
import { leadBlocks } from "./lead.ts";
import { selectionBlocks } from "./selection.ts";
import { sleeveBlocks } from "./sleeves.ts";
import { escapeMarkdown, markdownTable } from "./text.ts";
import type { MetricDescriptor, ReportModel } from "../model/report_model.ts";

/** The report as Markdown (CommonMark with GitHub's tables) with a final newline: everything but the charts. Texts of
 * the model are escaped, so that a symbol's name stays text. */
export function renderMarkdown(model: ReportModel): string {
  const names = candidateNames(model.candidates);
  const headline = headlineDescriptors(model);
  const others = otherDescriptors(model);
  const { windows } = model;
  return [
    `# ${escapeMarkdown(model.title)}`,
    `Run \`${model.runId}\`, made ${model.createdAt}. Out of sample from ${windows.firstTestDay} to ${windows.lastTestDay}.`,
    ...model.notices.map((notice) => `> **Note:** ${escapeMarkdown(notice)}`),
    "## Results",
    leadSentence(model, names),
    metricsTable(model, names, headline),
    ...(others.length === 0 ? [] : ["### More metrics", metricsTable(model, names, others)]),
    ...gateBlocks(model, names),
    ...leadBlocks(model, names),
    ...crossValidationBlocks(model),
    ...sleeveBlocks(model),
    "## Data and method",
    factsTable(model),
    ...(model.parameters.length === 0 ? [] : [
      "### Parameters",
      markdownTable(
        ["Name", "Value"],
        "ll",
        model.parameters.map(({ name, value }) => [name, value].map(escapeMarkdown)),
      ),
    ]),
    ...selectionBlocks(model),
    ...healthBlocks(model),
    ...remarkBlocks(model, names),
    ...artifactBlocks(model),
  ].filter((block) => block !== "").join("\n\n") + "\n";
}

function leadSentence(model: ReportModel, names: readonly string[]): string {
  const lead = rankCandidates(model)[0];
  if (lead === undefined) return "The run has no candidate.";
  if (names.length === 1) return "";
  const label = model.metricDescriptors.find(({ name }) => name === model.rankingMetric)?.label;
  return `Best by ${escapeMarkdown(label ?? model.rankingMetric)} of ${names.length} candidates: ` +
    `**${escapeMarkdown(names[lead] ?? "")}**. Bold marks the best of each column.`;
}

function metricsTable(
  model: ReportModel,
  names: readonly string[],
  descriptors: readonly MetricDescriptor[],
): string {
  if (model.candidates.length === 0) return "";
  const best = descriptors.map((descriptor) => bestCandidates(model.candidates, descriptor));
  const rows = model.candidates.map((candidate, row) => [
    escapeMarkdown(names[row] ?? ""),
    ...descriptors.map((descriptor, column) => {
      const text = escapeMarkdown(formatMetric(candidate, descriptor));
      return best[column]?.has(row) ? `**${text}**` : text;
    }),
  ]);
  const headings = ["Candidate", ...descriptors.map(({ label }) => escapeMarkdown(label))];
  return markdownTable(headings, `l${"r".repeat(descriptors.length)}`, rows);
}

function factsTable(model: ReportModel): string {
  const { prices, windows } = model;
  return markdownTable(["What", "Value"], "ll", [
    ["Prices", escapeMarkdown(prices.source)],
    ["SHA-256 of the prices", `\`${prices.sha256}\``],
    ["Symbols", String(prices.symbols)],
    ["Days", `${prices.from} to ${prices.to}`],
    [
      "Windows",
      `${windows.count}: train ${windows.train}, test ${windows.test}, step ${windows.step} bars`,
    ],
    ["Bars in a year", String(model.periodsPerYear)],
    ["Audit ledger", `\`${model.ledgerHash}\``],
  ]);
}

function healthBlocks(model: ReportModel): readonly string[] {
  const findings = model.health.filter(({ status, reasons }) =>
    !status.startsWith("OK") || reasons.length > 0
  );
  if (model.health.length === 0) return [];
  return [
    "## Data health",
    `${findings.length} of ${model.health.length} symbols have findings.`,
    findings.length === 0 ? "" : markdownTable(
      ["Symbol", "Status", "Reasons"],
      "lll",
      findings.map(({ symbol, status, reasons }) =>
        [symbol, status, reasons.join("; ")].map(escapeMarkdown)
      ),
    ),
  ];
}

function remarkBlocks(model: ReportModel, names: readonly string[]): readonly string[] {
  const remarks = model.candidates.flatMap((candidate, i) =>
    candidate.remarks.map((remark) =>
      `- ${escapeMarkdown(names[i] ?? "")}: ${escapeMarkdown(remarkText(remark))}`
    )
  );
  return remarks.length === 0 ? [] : ["## Remarks", remarks.join("\n")];
}
