import type { MetaSettings } from "../../manifest/meta_config.ts";
import type { RebalanceRule } from "../../quant/simulators/rebalance_rule.ts";
import type { Allocated } from "../optimise.ts";
import { aimedWeights, candidateTargets, remarksOf } from "../targets.ts";
import { copyArtifact } from "../tasks/artifact_store.ts";
import { backtestSleeves, type SleeveBacktest } from "../tasks/backtest_sleeves.ts";
import { ANY } from "../grid.ts";
import type { JoinedReturns } from "./join.ts";
import type { MetaContext } from "./meta_context.ts";
import { runStage } from "./meta_event.ts";
import { META_ENGINE } from "./weights.ts";

/** One profile of a meta-portfolio with what is known of it. */
export interface MetaResult {
  readonly profile: string;
  readonly summary: SleeveBacktest;
  /** Weights of the sleeves, one row a window. */
  readonly weights: readonly Float64Array[];
  readonly remarks: readonly string[];
}

/** What simulates a portfolio of sleeves: they are no shares. */
export const META_SIMULATOR = "vectorized";

/** Backtests every profile as one chain over all windows of the joined returns. */
export function backtest(
  context: MetaContext,
  allocated: readonly Allocated[],
  joined: JoinedReturns,
): Promise<MetaResult[]> {
  const { config, clock, onEvent } = context;
  return runStage(
    clock,
    onEvent,
    "backtest",
    () =>
      Promise.all(
        config.meta.profiles.map((profile) => backtestOne(context, profile, allocated, joined)),
      ),
    (results) => results.length === 1 ? "1 portfolio" : `${results.length} portfolios`,
  );
}

async function backtestOne(
  { config, trail, folders, run }: MetaContext,
  profile: string,
  allocated: readonly Allocated[],
  { returns, periodsPerYear }: JoinedReturns,
): Promise<MetaResult> {
  const { meta } = config;
  const chain = allocated.filter((one) => one.profile === profile);
  const firstRow = chain[0].window.testFrom;
  const targets = candidateTargets(chain, returns.value);
  const candidate = {
    selection: ANY,
    engine: META_ENGINE,
    profile,
    rebalance: meta.rebalance,
    simulator: META_SIMULATOR,
  };
  const summary = await trail.record({
    step: "backtest",
    context: candidate,
    inputs: { returns: returns.hash },
    run: async () => {
      const done = await backtestSleeves(targets, returns, {
        slippageBps: meta.slippage_bps,
        commissionBps: meta.commission_bps,
        rebalance: rebalanceRule(meta),
        initialWealth: meta.initial_wealth,
        periodsPerYear,
        riskFreeRate: meta.risk_free_rate,
        windowStarts: chain.map(({ window }) => window.testFrom - firstRow),
      }, folders.store);
      const path = run.candidateReturns(candidate);
      await copyArtifact(folders.store, done.returns, path);
      return done;
    },
    outputs: ({ returns: file, finalWealth }) => ({
      returns: file.sha256,
      final_wealth: finalWealth,
    }),
  });
  const weights = aimedWeights(chain, returns.value.symbols.length);
  return { profile, summary, weights, remarks: remarksOf(chain) };
}

function rebalanceRule({ rebalance: mode, drift_threshold: threshold }: MetaSettings) {
  return (mode === "drift" ? { mode, threshold } : { mode }) satisfies RebalanceRule;
}
