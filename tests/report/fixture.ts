import { createRng, type Rng } from "../../src/base/rng.ts";
import {
  type CandidateReport,
  type MetricDescriptor,
  REPORT_SCHEMA,
  type ReportModel,
} from "../../src/report/model/report_model.ts";
import { makeActivity, makeClusters, makeRegimes } from "./parts_fixture.ts";

/** A Monday: bars are the weekdays from here on. */
const FIRST_DAY_S = Date.UTC(2017, 0, 2) / 1000;
const DAY_S = 86_400;
const BARS_PER_WINDOW = 20;

const SECTORS = ["AAPL", "MSFT", "JPM", "XOM", "JNJ", "PG", "KO", "WMT", "CAT", "NEE"];
const OTHERS = ["HD", "UNH", "CVX", "PFE", "T", "VZ", "MMM", "GE", "IBM", "F"];

/** The descriptors of the fixture's metrics. */
export const FIXTURE_DESCRIPTORS: readonly MetricDescriptor[] = [
  { name: "total_return", label: "Total return", unit: "percent", higherIsBetter: true },
  { name: "annualized_return", label: "Annualised return", unit: "percent", higherIsBetter: true },
  {
    name: "annualized_volatility",
    label: "Annualised volatility",
    unit: "percent",
    higherIsBetter: false,
  },
  {
    name: "sharpe",
    label: "Sharpe ratio",
    unit: "ratio",
    higherIsBetter: true,
    formula: "mean(e) / std(e) · √A",
  },
  { name: "sortino", label: "Sortino ratio", unit: "ratio", higherIsBetter: true },
  { name: "calmar", label: "Calmar ratio", unit: "ratio", higherIsBetter: true },
  { name: "max_drawdown", label: "Max drawdown", unit: "percent", higherIsBetter: true },
  { name: "max_drawdown_start", label: "Drawdown start", unit: "date", higherIsBetter: null },
  { name: "skew", label: "Skew", unit: "ratio", higherIsBetter: true },
  { name: "cvar_95", label: "CVaR 95 %", unit: "percent", higherIsBetter: true },
  { name: "beta", label: "Beta", unit: "ratio", higherIsBetter: null },
  { name: "turnover", label: "Turnover", unit: "percent", higherIsBetter: false },
  { name: "trades", label: "Trades", unit: "count", higherIsBetter: null },
];

/** What a test may ask of {@linkcode makeReportModel}. */
export interface FixtureOptions {
  readonly bars?: number;
  readonly symbols?: readonly string[];
  readonly profiles?: readonly string[];
  readonly simulators?: readonly string[];
  readonly notices?: readonly string[];
  readonly benchmark?: boolean;
}

/** A report of a plausible run over made-up prices: the same model for the same options. */
export function makeReportModel(options: FixtureOptions = {}): ReportModel {
  const {
    bars = 1764,
    symbols = [...SECTORS, ...OTHERS],
    profiles = ["hrp", "min_variance", "max_sharpe", "risk_parity", "equal_weight"],
    simulators = ["vectorized"],
  } = options;
  const timestampsS = weekdays(bars);
  const market = makeMarket(createRng(11), bars, symbols.length);
  const candidates = simulators.flatMap((simulator) =>
    profiles.map((profile, i) =>
      makeCandidate(createRng(100 + i), { profile, simulator, timestampsS, symbols, market })
    )
  );
  const day = (seconds = 0): string => new Date(seconds * 1000).toISOString().slice(0, 10);
  return {
    schema: REPORT_SCHEMA,
    runId: "20261124-052300",
    title: "US equities, long only",
    notices: options.notices ??
      ["The prices are synthetic: no figure below says anything about a market."],
    createdAt: "2026-11-24T05:23:00.000Z",
    prices: {
      source: "testdata/prices.parquet",
      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      symbols: symbols.length,
      from: "2016-01-04",
      to: day(timestampsS.at(-1)),
    },
    periodsPerYear: 252,
    parameters: [
      { name: "backtest.train", value: "252" },
      { name: "backtest.test", value: "20" },
      { name: "backtest.slippage_bps", value: "5" },
      { name: "backtest.commission_bps", value: "1" },
      { name: "risk.cluster_cap", value: "0.25" },
      { name: "risk.max_weight", value: "0.15" },
    ],
    metricDescriptors: FIXTURE_DESCRIPTORS,
    rankingMetric: "sharpe",
    benchmark: options.benchmark === false ? null : {
      label: "Market, equal weight",
      timestampsS,
      returns: market.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length),
    },
    candidates,
    windows: {
      count: Math.ceil(bars / BARS_PER_WINDOW),
      train: 252,
      test: 20,
      step: 20,
      firstTestDay: day(timestampsS[0]),
      lastTestDay: day(timestampsS.at(-1)),
    },
    selections: [makeSelection(symbols)],
    health: symbols.map((symbol, i) =>
      i === 7
        ? { symbol, status: "DEGRADED (GAPS)", reasons: ["3 gaps, the longest 4 sessions"] }
        : i === 12
        ? { symbol, status: "STALE", reasons: ["last bar 9 sessions ago", "2 flat closes"] }
        : { symbol, status: "OK", reasons: [] }
    ),
    regimes: makeRegimes(candidates[0]?.weights.testStartsS ?? []),
    clusters: symbols.length < 2 ? null : makeClusters(symbols),
    sleeves: null,
    contributors: [],
    artifacts: [],
    crossValidation: null,
    ledgerHash: "c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2",
  };
}

function weekdays(count: number): readonly number[] {
  return Array.from(
    { length: count },
    (_, t) => FIRST_DAY_S + (Math.floor(t / 5) * 7 + t % 5) * DAY_S,
  );
}

/** One factor with calm and stormy spells, and a loading and noise for each symbol. */
function makeMarket(rng: Rng, bars: number, symbols: number): readonly (readonly number[])[] {
  const loadings = Array.from({ length: symbols }, () => 0.5 + rng.next());
  const drifts = Array.from({ length: symbols }, () => 0.0003 + 0.0007 * rng.next());
  let deviation = 0.008;
  return Array.from({ length: bars }, () => {
    deviation = Math.max(0.004, 0.97 * deviation + 0.03 * (rng.next() < 0.04 ? 0.07 : 0.005));
    const factor = deviation * rng.normal();
    return loadings.map((loading, i) => (drifts[i] ?? 0) + loading * factor + 0.009 * rng.normal());
  });
}

interface CandidateSource {
  readonly profile: string;
  readonly simulator: string;
  readonly timestampsS: readonly number[];
  readonly symbols: readonly string[];
  readonly market: readonly (readonly number[])[];
}

function makeCandidate(rng: Rng, source: CandidateSource): CandidateReport {
  const { profile, simulator, timestampsS, symbols, market } = source;
  const windows = Math.ceil(timestampsS.length / BARS_PER_WINDOW);
  const rows = makeWeights(rng, profile, windows, symbols.length);
  const returns = market.map((row, t) => {
    const weights = rows[Math.floor(t / BARS_PER_WINDOW)] ?? [];
    return row.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0) - 0.00002;
  });
  const metrics = measure(returns, profile);
  return {
    selection: "ladder",
    engine: "native",
    rebalance: "window",
    simulator,
    profile,
    metrics,
    timestampsS,
    returns,
    weights: {
      testStartsS: Array.from({ length: windows }, (_, w) => timestampsS[w * BARS_PER_WINDOW] ?? 0),
      symbols,
      rows,
    },
    gates: makeGates(profile),
    ...makeActivity(rng, symbols, windows, Number(metrics.total_return)),
    remarks: profile === "max_sharpe"
      ? ["Window 31 (2019-05-20): every expected return was negative; solved as min_variance."]
      : [],
  };
}

function makeWeights(rng: Rng, profile: string, windows: number, symbols: number): number[][] {
  if (profile === "equal_weight") {
    return Array.from({ length: windows }, () => Array(symbols).fill(1 / symbols));
  }
  const concentration = profile === "hrp" || profile === "risk_parity" ? 0.6 : 2.2;
  const scores = Array.from({ length: symbols }, () => concentration * rng.normal());
  return Array.from({ length: windows }, () => {
    scores.forEach((score, i) => scores[i] = 0.93 * score + 0.35 * concentration * rng.normal());
    const raw = scores.map((score) => Math.exp(score) < 0.3 * concentration ? 0 : Math.exp(score));
    const sum = raw.reduce((total, value) => total + value, 0) || 1;
    return raw.map((value) => value / sum);
  });
}

function measure(
  returns: readonly number[],
  profile: string,
): CandidateReport["metrics"] {
  const count = Math.max(1, returns.length);
  const mean = returns.reduce((sum, value) => sum + value, 0) / count;
  const squares = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const downside = Math.sqrt(
    returns.reduce((sum, value) => sum + Math.min(value, 0) ** 2, 0) / count,
  );
  const volatility = Math.sqrt(squares / Math.max(1, count - 1) * 252);
  let wealth = 1, peak = 1, drawdown = 0, peakBar = 0, drawdownFrom = 0;
  returns.forEach((value, t) => {
    wealth *= 1 + value;
    if (wealth > peak) [peak, peakBar] = [wealth, t];
    if (wealth / peak - 1 < drawdown) [drawdown, drawdownFrom] = [wealth / peak - 1, peakBar];
  });
  const annual = wealth ** (252 / count) - 1;
  return {
    total_return: wealth - 1,
    annualized_return: annual,
    annualized_volatility: volatility,
    sharpe: mean * 252 / volatility,
    sortino: mean / downside * Math.sqrt(252),
    calmar: annual / -drawdown,
    max_drawdown: drawdown,
    max_drawdown_start: drawdownFrom,
    skew: -0.3 + 0.05 * profile.length / 10,
    cvar_95: -2.1 * volatility / Math.sqrt(252),
    beta: profile === "max_sharpe" ? null : 0.9,
    turnover: profile === "equal_weight" ? 0.012 : 0.24,
    trades: 1200 + profile.length,
  };
}

/** One gate that passes, one that fails for max_sharpe alone, and one that was never measured. */
function makeGates(profile: string): CandidateReport["gates"] {
  const turnover = profile === "max_sharpe" ? 0.62 : 0.24;
  return [
    {
      metric: "sharpe",
      bound: "at least",
      limit: 0.3,
      value: 1.1,
      verdict: "passed",
      needs: "returns",
    },
    {
      metric: "turnover",
      bound: "at most",
      limit: 0.5,
      value: turnover,
      verdict: turnover <= 0.5 ? "passed" : "failed",
      needs: "trades",
    },
    {
      metric: "skew",
      bound: "at least",
      limit: -0.2,
      value: null,
      verdict: "unknown",
      needs: "losses and gains",
    },
  ];
}

/** Every second symbol was chosen in each of ten selections, the others in none; the last one was never judged. */
function makeSelection(symbols: readonly string[]): ReportModel["selections"][number] {
  return {
    mode: "ladder",
    decisions: 10,
    winners: { least: 3, most: 10 },
    stability: 0.75,
    steps: [{ step: "strict", winners: 80 }, { step: "relaxed", winners: 5 }],
    assets: symbols.map((symbol, i) => {
      const isWinner = i % 2 === 0;
      const last = {
        isWinner,
        direction: "LONG",
        score: isWinner ? 0.7 : 0.3,
        cluster: i % 3,
        reason: isWinner ? "score 0.700, among the best" : "score 0.300 is below <0.5>",
      };
      return i === symbols.length - 1
        ? { symbol, chosen: 0, judged: 0, last: null }
        : { symbol, chosen: isWinner ? 10 : 0, judged: 10, last };
    }),
    auditPath: "reports/selection_audit.json",
  };
}
