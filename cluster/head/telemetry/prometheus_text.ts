import type { Histogram } from "./histogram.ts";

/** The media type of {@linkcode renderPrometheus}. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One value of a metric, told from the others of its name by labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All samples of one name. */
export type Metric =
  & { readonly name: string; readonly help: string }
  & (
    | { readonly type: "counter" | "gauge"; readonly samples: readonly Sample[] }
    | { readonly type: "histogram"; readonly histogram: Histogram }
  );

/** PURE: metrics in the text format 0.0.4 of Prometheus. A metric without samples is left out.
 * Source: Prometheus, "Exposition formats". */
export function renderPrometheus(metrics: readonly Metric[]): string {
  return metrics.flatMap(renderMetric).map((line) => `${line}\n`).join("");
}

function renderMetric(metric: Metric): string[] {
  const { name, help, type } = metric;
  const lines = type === "histogram"
    ? renderHistogram(name, metric.histogram)
    : metric.samples.map(({ labels, value }) => renderSample(name, labels ?? {}, value));
  if (lines.length === 0) return [];
  const escapedHelp = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return [`# HELP ${name} ${escapedHelp}`, `# TYPE ${name} ${type}`, ...lines];
}

function renderHistogram(name: string, { bounds, counts, sum, count }: Histogram): string[] {
  let total = 0;
  const buckets = bounds.map((bound, i) => {
    total += counts[i];
    return renderSample(`${name}_bucket`, { le: number(bound) }, total);
  });
  return [
    ...buckets,
    renderSample(`${name}_bucket`, { le: "+Inf" }, count),
    renderSample(`${name}_sum`, {}, sum),
    renderSample(`${name}_count`, {}, count),
  ];
}

function renderSample(
  name: string,
  labels: Readonly<Record<string, string>>,
  value: number,
): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${number(value)}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function number(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}
