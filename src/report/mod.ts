export { type Chart, type Charts, renderCharts, type WeightsChart } from "./charts.ts";
export { renderHtml } from "./html.ts";
export { renderJson } from "./json.ts";
export { renderMarkdown } from "./markdown.ts";
export type { BenchmarkReport, CandidateReport, MetricDescriptor, ReportModel } from "./model.ts";
export type { SelectedAsset, SelectionReport } from "./selection_model.ts";
export type { WeightBand } from "./weight_bands.ts";
