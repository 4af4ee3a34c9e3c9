import type { CandidateReport, ReportModel } from "../model/report_model.ts";
import { candidateNames, rankCandidates } from "../text/candidates.ts";
import { formatPercent } from "../text/format.ts";
import { type ChartFormat } from "./axes.ts";
import { type Chart, drawTwice, type ECharts, WIDE } from "./draw.ts";
import { weightsChartOption } from "./line_options.ts";
import { areaColour } from "./palette.ts";
import { tipLayer } from "./tips.ts";
import { leadingSymbols, type WeightBand, weightBands } from "./weight_bands.ts";

/** The target weights of one candidate, or of several that hold the same ones. */
export interface WeightsChart extends Chart {
  /** The names of its engine and profile, as far as they tell it from the others. */
  readonly label: string;
  /** In the order of the stack, lowest first. */
  readonly bands: readonly WeightBand[];
}

/** The weights of more portfolios than this are left to the JSON file: the page would grow without bound. */
export const MAX_WEIGHTS_CHARTS = 12;

/** A telephone shows no more steps than this, and neither does a page. */
const MAX_STEPS = 360;

const BESIDE_TABLE: ChartFormat = { ...WIDE, widthPx: 780, heightPx: 330 };
const RIGHT_PX = 10;

/** The weights of each portfolio, best first, and how many there are beyond those that are drawn. */
export function drawAllWeights(
  echarts: ECharts,
  model: ReportModel,
): { readonly weights: readonly WeightsChart[]; readonly omittedWeights: number } {
  const portfolios = distinctPortfolios(model);
  return {
    weights: drawWeights(echarts, portfolios.slice(0, MAX_WEIGHTS_CHARTS)),
    omittedWeights: Math.max(0, portfolios.length - MAX_WEIGHTS_CHARTS),
  };
}

function drawWeights(
  echarts: ECharts,
  portfolios: readonly Portfolio[],
): readonly WeightsChart[] {
  const shared = leadingSymbols(portfolios.map(({ candidate }) => candidate.weights));
  return portfolios.map(({ label, candidate }, i) => {
    const bands = weightBands(candidate.weights, shared);
    const { timesMs, steps } = stepTimes(candidate);
    const thinned = bands.map((band) => ({
      ...band,
      values: steps.map((step) => band.values[step] ?? 0),
    }));
    const lines = bands.toReversed().map((band) => ({
      name: band.label,
      colour: areaColour(band.slot),
      points: timesMs.map((timeMs, t) =>
        [timeMs, band.values[steps[Math.min(t, steps.length - 1)] ?? 0] ?? band.last] as const
      ),
    }));
    const chart = drawTwice(echarts, `weights-${i}`, BESIDE_TABLE, (format) => ({
      option: weightsChartOption(thinned, timesMs, format),
      // What stands in the page anyway would make a telephone's drawing heavy.
      overlay: format.namesAtEnds
        ? tipLayer(lines, format, RIGHT_PX, (value) => formatPercent(value, 1))
        : "",
    }));
    return { label, bands, ...chart };
  });
}

interface Portfolio {
  readonly label: string;
  readonly candidate: CandidateReport;
}

/** Simulators do not change target weights: candidates that differ in nothing else share one chart. */
function distinctPortfolios(model: ReportModel): readonly Portfolio[] {
  const kept = new Map<string, CandidateReport>();
  for (const index of rankCandidates(model)) {
    const candidate = model.candidates[index];
    if (candidate === undefined || candidate.weights.rows.length === 0) continue;
    const { engine, profile, weights } = candidate;
    const key = JSON.stringify([engine, profile, weights]);
    if (!kept.has(key)) kept.set(key, candidate);
  }
  const candidates = [...kept.values()];
  const names = candidateNames(candidates);
  return candidates.map((candidate, i) => ({ label: names[i] ?? "", candidate }));
}

/** When each drawn step begins, and at last when the last one ends; at most {@linkcode MAX_STEPS} of the windows. */
function stepTimes(candidate: CandidateReport): {
  readonly timesMs: readonly number[];
  readonly steps: readonly number[];
} {
  const { testStartsS } = candidate.weights;
  const stride = Math.ceil(testStartsS.length / MAX_STEPS);
  const steps = testStartsS.map((_, step) => step).filter((step) => step % stride === 0);
  const startsS = steps.map((step) => testStartsS[step] ?? 0);
  const endS = Math.max(candidate.timestampsS.at(-1) ?? 0, testStartsS.at(-1) ?? 0);
  return { timesMs: [...startsS, endS].map((seconds) => seconds * 1000), steps };
}
