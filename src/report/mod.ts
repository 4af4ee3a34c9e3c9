export type { Chart } from "./charts/draw.ts";
export { type Charts, renderCharts } from "./charts/render_charts.ts";
export type { WeightsChart } from "./charts/weights_charts.ts";
export { renderComparisonHtml } from "./html/comparison_page.ts";
export { renderComparisonMarkdown } from "./markdown/comparison.ts";
export {
  type CandidateDifference,
  compareReports,
  type Comparison,
  type MetricDifference,
} from "./model/comparison.ts";
export { readReport } from "./model/read_report.ts";
export { comparisonTables } from "./text/comparison.ts";
export type { TableColumn, TextTable } from "./text/text_table.ts";
export { renderHtml } from "./html/page.ts";
export { renderJson } from "./json.ts";
export { renderMarkdown } from "./markdown/document.ts";
export {
  type BenchmarkReport,
  type CandidateReport,
  type MetricDescriptor,
  REPORT_SCHEMA,
  type ReportModel,
} from "./model/report_model.ts";
export type { ArtifactReport } from "./model/artifacts.ts";
export type { AttributionReport, SymbolContribution } from "./model/attribution.ts";
export type { ClustersReport } from "./model/clusters.ts";
export type {
  CrossValidationReport,
  OverfittingReport,
  PathsReport,
} from "./model/cross_validation.ts";
export type { DrawdownReport } from "./model/drawdowns.ts";
export type { CandidateVerdict, GateReport } from "./model/gates.ts";
export type { MarketReport, RegimeReport } from "./model/regimes.ts";
export type {
  ContributorAsset,
  ContributorsReport,
  SleeveReport,
  SleevesReport,
} from "./model/sleeves.ts";
export type { TradingReport } from "./model/trading.ts";
export type { SelectedAsset, SelectionReport } from "./model/selection.ts";
export type { WeightBand } from "./charts/weight_bands.ts";
