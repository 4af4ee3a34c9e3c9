import { task } from "../../flow/mod.ts";
import type { AssetClusters } from "../../quant/clustering/cluster_assets.ts";
import { allocateWindow } from "../../quant/engines/allocate_window.ts";
import type { AllocationSettings } from "../../quant/engines/allocation_settings.ts";
import type { EngineName } from "../../quant/engines/engine_names.ts";
import { windowMoments } from "../../quant/engines/window_moments.ts";
import type { ReturnsWindow } from "../../quant/estimators/returns_window.ts";
import type { Allocation } from "../../quant/optimizers/allocation.ts";
import { optimizePortfolio } from "../../quant/optimizers/optimize_portfolio.ts";
import type { ProfileName } from "../../quant/optimizers/profiles.ts";
import { loadQpSolver, type QpSolver } from "../../quant/optimizers/qp_solver.ts";
import type { Panel } from "../../quant/panel.ts";
import { type MarketReading, readMarket } from "../../quant/regime/read_market.ts";
import { allocateByOwn, allocateByStrategy } from "../own/allocate_own.ts";
import type { OwnReference } from "../own/load_own.ts";
import { marketReturns } from "../../quant/regime/regime_score.ts";
import {
  type RowRange,
  type TrainingWindow,
  trainingWindow,
  type Universe,
} from "./window_assets.ts";

/** What one (window, engine, profile) is to hold: an allocation whose weights go over all columns of the returns, or
 * with atoms over these. */
export type WindowWeights = Allocation & {
  /** Where the market was at the end of the training, for the profiles that ask. */
  readonly market?: MarketReading;
};

/** One (window, engine, profile). */
export interface OptimisationProblem {
  readonly train: RowRange;
  readonly universe: Universe;
  /** Over what of the universe is complete in the training rows; undefined when nothing is, and for market and
   * benchmark, which need none. */
  readonly clusters: AssetClusters | undefined;
  readonly engine: EngineName;
  /** Of ours; not looked at where `own` is given. */
  readonly profile: ProfileName;
  /** An optimiser or a whole strategy of the user's own. */
  readonly own?: OwnReference & { readonly kind: "profiles" | "strategies" };
  /** What is held, over all columns of the returns; undefined when nothing is said of trading. What of it is not complete
   * in training is sold, and counts for no limit of turnover. */
  readonly held?: Float64Array;
  /** The columns that are the market; undefined when none are named. */
  readonly market?: Int32Array;
}

let solver: Promise<QpSolver> | undefined;

/** Optimises one window. Weights depend on training rows alone. */
export const optimiseWindow = task(
  "optimise-window",
  weighWindow,
  // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
  { run: "cluster", module: import.meta.url, retries: 2 },
);

/** The weights of one window, from its training rows alone. */
export async function weighWindow(
  problem: OptimisationProblem,
  returns: Panel,
  settings: AllocationSettings,
): Promise<WindowWeights> {
  const { train, universe, own, clusters } = problem;
  if (own?.kind === "strategies") {
    return await allocateByStrategy(own, rowsOf(returns, train), settings.periodsPerYear);
  }
  const window = trainingWindow(returns, train, universe);
  if (window.N === 0) {
    const what = universe.type === "all" ? "no asset" : "nothing that was selected";
    return { status: "infeasible", reason: `${what} has a return on every training row` };
  }
  // Loaded once a process: compiling it takes longer than a thousand small problems.
  solver ??= loadQpSolver();
  const allocation = own === undefined
    ? allocate(problem, window, returns, settings, await solver)
    : await allocateByOwn(own, window, namesOf(window, universe, returns), clusters!, settings);
  if (allocation.status === "infeasible") return allocation;
  const weights = new Float64Array(
    universe.type === "atoms" ? universe.atoms.length : returns.symbols.length,
  );
  window.assets.forEach((column, i) => weights[column] = allocation.weights[i]);
  return { ...allocation, weights };
}

function namesOf(
  { assets }: TrainingWindow,
  universe: Universe,
  { symbols }: Panel,
): readonly string[] {
  return Array.from(
    assets,
    (asset) => universe.type === "atoms" ? universe.atoms[asset].name : symbols[asset],
  );
}

function rowsOf({ timestampsS, symbols, values }: Panel, { from, to }: RowRange): Panel {
  const N = symbols.length;
  return {
    timestampsS: timestampsS.slice(from, to),
    symbols,
    values: values.slice(from * N, to * N),
  };
}

function allocate(
  { train, clusters, engine, profile, market, held }: OptimisationProblem,
  window: TrainingWindow,
  returns: Panel,
  settings: AllocationSettings,
  qpSolver: QpSolver,
): WindowWeights {
  if (profile === "market" || profile === "benchmark") {
    const columns = new Set(market);
    const assets = window.assets.map((column, i) => columns.has(column) ? i : -1)
      .filter((i) => i >= 0);
    return compareWith(window, profile, assets, settings, qpSolver);
  }
  if (clusters === undefined) throw new Error(`Cannot optimise ${profile} without asset clusters`);
  // Of all symbols that are complete, whatever was selected or synthesised of them.
  const wholeMarket = () => trainingWindow(returns, train);
  const reading = profile === "barbell" || profile === "adaptive"
    ? readMarket(wholeMarket(), settings.periodsPerYear)
    : undefined;
  const namedReturns = profile === "market_neutral" && market !== undefined
    ? meanReturns(trainingWindow(returns, train, { type: "columns", columns: market }))
    : undefined;
  const allocation = allocateWindow(
    {
      ...window,
      clusters,
      engine,
      profile,
      settings,
      held: held && Float64Array.from(window.assets, (column) => held[column]),
      ...reading,
      marketReturns: namedReturns,
    },
    qpSolver,
  );
  return reading === undefined ? allocation : { ...allocation, market: reading };
}

/** Equal weights of the market or of all candidates, with no limit on them. */
function compareWith(
  { values, T, N }: ReturnsWindow,
  profile: "market" | "benchmark",
  market: Int32Array,
  { periodsPerYear, estimators, riskFreeRate }: AllocationSettings,
  qpSolver: QpSolver,
): Allocation {
  const moments = windowMoments({ values, T, N }, periodsPerYear, estimators, riskFreeRate);
  const { mu, covariance } = moments;
  const bounds = { lower: new Float64Array(N), upper: new Float64Array(N).fill(1) };
  return optimizePortfolio({ mu, covariance, ...bounds, riskFreeRate, market }, profile, qpSolver);
}

/** T mean returns of a window's assets; undefined where it has none. */
function meanReturns({ values, N }: TrainingWindow): Float64Array | undefined {
  return N === 0 ? undefined : marketReturns(values, N);
}
