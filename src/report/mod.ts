export {
  type Chart,
  type Charts,
  renderCharts,
  type WeightsChart,
} from "./charts/render_charts.ts";
export { renderHtml } from "./html/page.ts";
export { renderJson } from "./json.ts";
export { renderMarkdown } from "./markdown/document.ts";
export type {
  BenchmarkReport,
  CandidateReport,
  MetricDescriptor,
  ReportModel,
} from "./model/report_model.ts";
export type { SelectedAsset, SelectionReport } from "./model/selection.ts";
export type { WeightBand } from "./charts/weight_bands.ts";
