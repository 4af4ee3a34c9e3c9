/** What reports and help say of a metric. */
export interface MetricDescriptor {
  /** The key in results, snake_case. */
  readonly name: string;
  /** What people read. */
  readonly label: string;
  /** "percent" values are fractions (0.01 is 1 %), "date" ones indexes of bars. */
  readonly unit: "percent" | "ratio" | "count" | "date";
  /** Whether more is better; null where neither is. */
  readonly higherIsBetter: boolean | null;
  /** One line; A is bars per year, e the return above the risk-free rate, b the benchmark's. */
  readonly formula: string;
}

/** Metrics of returns alone, in the order of reports. */
export const ABSOLUTE_METRICS = [
  percent("total_return", "Total return", true, "Π(1 + r) − 1"),
  percent("annualized_return", "Annualised return", true, "(1 + total return)^(A/T) − 1"),
  percent("annualized_volatility", "Annualised volatility", false, "std(r) · √A"),
  ratio("sharpe", "Sharpe ratio", true, "mean(e) / std(e) · √A"),
  ratio("sortino", "Sortino ratio", true, "mean(e) / √(Σ min(e, 0)² / T) · √A"),
  ratio("calmar", "Calmar ratio", true, "annualised return / |max drawdown|"),
  ratio("omega", "Omega ratio", true, "Σ max(e, 0) / Σ max(−e, 0)"),
  percent("max_drawdown", "Max drawdown", true, "min(wealth / running peak − 1)"),
  date("max_drawdown_start", "Drawdown start", "first bar below the peak of the max drawdown"),
  date("max_drawdown_trough", "Drawdown trough", "bar of the max drawdown"),
  date("max_drawdown_recovery", "Drawdown recovery", "first bar back at the peak"),
  percent("var_95", "VaR 95 %", true, "5 % quantile of r"),
  percent("cvar_95", "CVaR 95 %", true, "mean of the worst 5 % of r"),
  percent("gaussian_var_95", "Gaussian VaR 95 %", true, "mean(r) + std(r) · Φ⁻¹(0.05)"),
  percent("gaussian_cvar_95", "Gaussian CVaR 95 %", true, "mean(r) − std(r) · φ(Φ⁻¹(0.05)) / 0.05"),
  ratio("skew", "Skew", true, "third standardised moment of r, bias-corrected"),
  ratio(
    "kurtosis",
    "Excess kurtosis",
    false,
    "fourth standardised moment of r − 3, bias-corrected",
  ),
  ratio("tail_ratio", "Tail ratio", true, "|95 % quantile| / |5 % quantile|"),
  percent("win_rate", "Win rate", true, "#(r > 0) / #(r ≠ 0)"),
  ratio("profit_factor", "Profit factor", true, "Σ max(r, 0) / Σ max(−r, 0)"),
] as const satisfies readonly MetricDescriptor[];

/** Metrics that need a benchmark, in the order of reports. */
export const RELATIVE_METRICS = [
  percent("alpha", "Alpha", true, "(mean(e) − β · mean(b)) · A"),
  ratio("beta", "Beta", null, "cov(e, b) / var(b)"),
  ratio("information_ratio", "Information ratio per bar", true, "mean(r − b) / std(r − b)"),
  percent("tracking_error", "Tracking error", null, "std(r − b) · √A"),
  ratio("up_capture", "Up capture", true, "annualised r / annualised b where b > 0"),
  ratio("down_capture", "Down capture", false, "annualised r / annualised b where b < 0"),
] as const satisfies readonly MetricDescriptor[];

/** Metrics that need more than returns, each with a function of its own. */
const DIAGNOSTIC_METRICS = [
  ratio("probabilistic_sharpe", "Probabilistic Sharpe", true, "P(true Sharpe > 0)"),
  ratio("deflated_sharpe", "Deflated Sharpe", true, "P(true Sharpe > best of N unskilled trials)"),
  ratio("temporal_fragility", "Temporal fragility", false, "std(window Sharpe) / |mean|"),
  ratio("antifragility", "Antifragility", true, "skew + ln(mean best 5 % / |mean worst 5 %|)"),
  percent("stress_alpha", "Stress alpha per bar", true, "mean(r − b) on the worst 10 % of b"),
  ratio("hhi", "Concentration (HHI)", false, "Σ(|w| / Σ|w|)²"),
  percent("turnover", "Turnover", false, "½ Σ|Δw|"),
  percent("friction_decay", "Friction decay", false, "1 − Sharpe / Sharpe without frictions"),
  percent("selection_jaccard", "Selection stability", true, "mean |A ∩ B| / |A ∪ B| of windows"),
  ratio("cvar_multiple", "CVaR multiple", false, "CVaR 95 % / CVaR 95 % of b"),
  ratio("drawdown_multiple", "Drawdown multiple", false, "max drawdown / max drawdown of b"),
] as const satisfies readonly MetricDescriptor[];

/** Every metric that Tradewind knows, in the order of reports. */
export const METRICS: readonly MetricDescriptor[] = [
  ...ABSOLUTE_METRICS,
  ...RELATIVE_METRICS,
  ...DIAGNOSTIC_METRICS,
];

function percent<N extends string>(
  name: N,
  label: string,
  higherIsBetter: boolean | null,
  formula: string,
) {
  return { name, label, unit: "percent", higherIsBetter, formula } as const;
}

function ratio<N extends string>(
  name: N,
  label: string,
  higherIsBetter: boolean | null,
  formula: string,
) {
  return { name, label, unit: "ratio", higherIsBetter, formula } as const;
}

function date<N extends string>(name: N, label: string, formula: string) {
  return { name, label, unit: "date", higherIsBetter: null, formula } as const;
}
