import type { SharedValue } from "../flow/mod.ts";
import type { PriceSource } from "../lakehouse/prices/price_source.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import type { CalendarId } from "../quant/calendars/session_calendar.ts";
import type { Ohlcv } from "../quant/ohlcv.ts";
import type { Panel } from "../quant/panel.ts";
import type { RebalanceRule } from "../quant/simulators/rebalance_rule.ts";
import type { RebalanceTarget } from "../quant/simulators/rebalance_target.ts";
import type { SimulatorName } from "../quant/simulators/simulator_names.ts";
import { writeFileAtomic } from "../base/atomic_file.ts";
import type { ProductionContext } from "./context.ts";
import { type Candidate, gridCandidates, isChainOf, weightsChains } from "./grid.ts";
import type { Allocated } from "./optimise.ts";
import { ownReference } from "./own/load_own.ts";
import { symbolRules } from "./symbol_rules.ts";
import { aimedWeights, candidateTargets, remarksOf } from "./targets.ts";
import { copyArtifact, keepArtifact } from "./tasks/artifact_store.ts";
import {
  backtestCandidate,
  type BacktestSettings,
  type BacktestSummary,
} from "./tasks/backtest_candidate.ts";
import { type CandidateResult, reportedMetrics } from "./tasks/report_model.ts";
import type { ExecutionSettings } from "./tasks/simulate_candidate.ts";

/** What all backtests of a run rest on. */
export interface BacktestBasis {
  readonly returns: SharedValue<Panel>;
  /** Null when no simulator needs any. */
  readonly bars: SharedValue<Ohlcv> | null;
  readonly periodsPerYear: number;
  readonly calendar: CalendarId;
}

/** Backtests every candidate of the grid, each as one chain over all windows. What a candidate came to is written into
 * the run's folder as soon as it is there. */
export function backtest(
  context: ProductionContext,
  allocated: readonly Allocated[],
  basis: BacktestBasis,
): Promise<CandidateResult[]> {
  const { stages, config } = context;
  const firstRow = allocated[0].window.testFrom;
  const windowStarts = [...new Set(allocated.map(({ window }) => window.testFrom - firstRow))];
  const chains = weightsChains(config).map((chain) => {
    const windows = allocated.filter((one) => isChainOf(one, chain));
    return { chain, windows, targets: candidateTargets(windows, basis.returns.value) };
  });
  const candidates = gridCandidates(config);
  return stages.run(
    "backtest",
    candidates.length,
    async () => {
      const settings = await settingsOf(context, basis, windowStarts);
      return await Promise.all(candidates.map((candidate) => {
        const { windows, targets } = chains.find(({ chain }) => isChainOf(chain, candidate))!;
        return backtestOne(context, candidate, windows, targets, basis, settings);
      }));
    },
    (results) => `${results.length} candidates over ${windowStarts.length} windows`,
  );
}

async function backtestOne(
  { trail, folders, run, config }: ProductionContext,
  candidate: Candidate,
  windows: readonly Allocated[],
  targets: readonly RebalanceTarget[],
  { returns, bars }: BacktestBasis,
  settings: BacktestSettings,
): Promise<CandidateResult> {
  // The manifest was read with these names allowed and no others.
  const simulator = candidate.simulator as SimulatorName;
  const usedBars = simulator === "vectorized" ? null : bars;
  const summary = await trail.record({
    step: "backtest",
    context: { ...candidate },
    inputs: {
      returns: returns.hash,
      ...usedBars === null ? {} : { bars: usedBars.hash },
    },
    run: async () => {
      const found = await ownReference(config.own, "simulators", simulator);
      const own = found === undefined ? {} : { own: found };
      const done = await backtestCandidate(
        { targets, simulator, ...own, rebalance: rebalanceRule(candidate.rebalance, config) },
        returns,
        usedBars,
        settings,
        folders.store,
      );
      const file = await keepArtifact(folders.store, done.returns);
      await copyArtifact(folders.store, file, run.candidateReturns(candidate));
      let trading = null;
      if (done.trading !== null) {
        trading = { ...done.trading, file: await keepArtifact(folders.store, done.trading.file) };
        await copyArtifact(folders.store, trading.file, run.candidateTrades(candidate));
      }
      await writeFileAtomic(run.candidateMetrics(candidate), metricsJson(candidate, done));
      return { ...done, returns: file, trading };
    },
    outputs: ({ returns: file, finalWealth, trading }) => ({
      returns: file.sha256,
      final_wealth: finalWealth,
      ...trading === null ? {} : { trades: trading.file.sha256 },
    }),
  });
  const weights = aimedWeights(windows, returns.value.symbols.length);
  return {
    ...candidate,
    summary,
    weights,
    remarks: [...remarksOf(windows), ...tradingRemarks(summary)],
  };
}

async function settingsOf(
  { config, source }: ProductionContext,
  { returns, periodsPerYear, calendar }: BacktestBasis,
  windowStarts: readonly number[],
): Promise<BacktestSettings> {
  const { own } = config;
  const metrics = Object.keys(own.metrics).map((name) => ownReference(own, "metrics", name));
  const { slippage_bps, commission_bps, initial_wealth } = config.backtest;
  return {
    slippageBps: slippage_bps,
    commissionBps: commission_bps,
    initialWealth: initial_wealth,
    periodsPerYear,
    riskFreeRate: config.risk.risk_free_rate,
    windowStarts,
    ownMetrics: (await Promise.all(metrics)).flatMap((reference) => reference ?? []),
    execution: executionOf(config, calendar, source, returns.value.symbols),
  };
}

/** How shares are traded: a symbol's own rules, where they are known and wanted, come before what holds for all; a lot
 * or tick size that the manifest names comes before them. */
function executionOf(
  { execution, backtest }: ProductionConfig,
  calendar: CalendarId,
  source: PriceSource,
  symbols: readonly string[],
): ExecutionSettings {
  const { lotSizes, minNotionals, tickSizes, feesBps } = symbolRules(source, symbols);
  const known = (values: Float64Array, otherwise: number): Float64Array | null =>
    execution.symbol_rules && values.some((value) => !Number.isNaN(value))
      ? values.map((value) => Number.isNaN(value) ? otherwise : value)
      : null;
  const lotSize = calendar === "XNYS" ? 1 : 0;
  return {
    fillAt: execution.fill_at,
    orderType: execution.order_type,
    offsetBps: execution.order_offset_bps,
    maxVolumeShare: execution.max_volume_share,
    lotSize: execution.lot_size ?? known(lotSizes, lotSize) ?? lotSize,
    minNotional: known(minNotionals, 0)?.map((value) => Math.max(value, execution.min_notional)) ??
      execution.min_notional,
    tickSize: execution.tick_size ?? known(tickSizes, 0) ?? 0,
    feesBps: known(feesBps, backtest.commission_bps),
    borrowFeeBps: execution.borrow_fee_bps,
    loanBps: execution.loan_bps,
    maintenanceMargin: execution.maintenance_margin,
  };
}

/** The rule of rebalancing that a mode means under a configuration. */
export function rebalanceRule(mode: string, { backtest }: ProductionConfig): RebalanceRule {
  return mode === "drift"
    ? { mode, threshold: backtest.drift_threshold }
    : { mode: mode as "window" | "daily" };
}

function metricsJson(candidate: Candidate, { metrics, trading }: BacktestSummary): string {
  const traded = trading === null ? {} : { trades: trading.trades };
  return `${JSON.stringify({ ...candidate, ...traded, ...reportedMetrics(metrics) }, null, 2)}\n`;
}

/** What a reader has to know of how shares were traded. */
function tradingRemarks({ trading }: BacktestSummary): string[] {
  if (trading === null) return [];
  const { liquidatedAtS, skippedOrders, trades } = trading;
  const remarks: string[] = [];
  if (liquidatedAtS.length > 0) {
    const days = liquidatedAtS.map((s) => new Date(s * 1000).toISOString().slice(0, 10));
    remarks.push(`The margin ran out, and all was sold: ${days.join(", ")}`);
  }
  if (skippedOrders > 0) {
    remarks.push(
      `${skippedOrders} orders beside ${trades} trades were left out: no price, or too small`,
    );
  }
  return remarks;
}
