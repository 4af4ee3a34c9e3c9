import { type Comparison, NAME_SEPARATOR } from "../model/comparison.ts";
import type { MetricDescriptor, ReportModel } from "../model/report_model.ts";
import { headlineDescriptors } from "./candidates.ts";
import { formatQuantity, NO_VALUE } from "./format.ts";
import { numbers, texts, type TextTable } from "./text_table.ts";

/** A comparison as tables with their headings, empty ones left out: key metrics, gates, settings, and candidates that
 * one run alone has.
 * @param model of the first run, whose metrics are described in it */
export function comparisonTables(
  comparison: Comparison,
  model: ReportModel,
): readonly TextTable[] {
  const [a, b] = comparison.runIds;
  const nameOf = shortNames(comparison);
  const tables: readonly TextTable[] = [
    metricsTable(comparison, headlineDescriptors(model), nameOf),
    {
      caption: "Candidate gates with another verdict",
      columns: texts("Candidate", "Gate", a, b),
      rows: comparison.candidates.flatMap(({ candidate, gates }) =>
        gates.map((
          { metric, verdicts },
        ) => [nameOf(candidate), labelOf(metric, model), ...verdicts])
      ),
    },
    {
      caption: "What differs in data and settings",
      columns: texts("Name", a, b),
      rows: comparison.settings.map(({ name, values }) => [
        name,
        ...values.map((value) => value ?? NO_VALUE),
      ]),
    },
    {
      caption: "Candidates of one run alone",
      columns: texts("Candidate", "Run"),
      rows: comparison.onlyIn.flatMap((names, i) =>
        names.map((name) => [name, comparison.runIds[i] ?? ""])
      ),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function metricsTable(
  { candidates, runIds: [a, b] }: Comparison,
  descriptors: readonly MetricDescriptor[],
  nameOf: (candidate: string) => string,
): TextTable {
  return {
    caption: "Key metrics side by side",
    columns: [...texts("Candidate", "Metric"), ...numbers(a, b, "Difference")],
    rows: candidates.flatMap(({ candidate, metrics }) =>
      descriptors.map(({ name, label, unit }) => {
        const { values, difference } = metrics[name] ?? { values: [null, null], difference: null };
        return [
          nameOf(candidate),
          label,
          ...values.map((value) => written(value, unit)),
          difference === null ? NO_VALUE : signed(difference, unit),
        ];
      })
    ),
  };
}

/** Names without those parts that are the same for all compared candidates. */
function shortNames({ candidates }: Comparison): (candidate: string) => string {
  const all = candidates.map(({ candidate }) => candidate.split(NAME_SEPARATOR));
  return (candidate) =>
    candidate.split(NAME_SEPARATOR).filter((part, i) =>
      i === 0 || all.some((parts) => parts[i] !== part)
    ).join(NAME_SEPARATOR);
}

function written(value: number | string | null, unit: MetricDescriptor["unit"]): string {
  if (typeof value !== "number") return value ?? NO_VALUE;
  return formatQuantity(value, unit === "date" ? "count" : unit);
}

function signed(difference: number, unit: MetricDescriptor["unit"]): string {
  const text = written(difference, unit);
  return difference > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

function labelOf(metric: string, { metricDescriptors }: ReportModel): string {
  return metricDescriptors.find(({ name }) => name === metric)?.label ?? metric;
}
