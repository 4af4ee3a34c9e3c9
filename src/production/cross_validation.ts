import { sha256Hex } from "../base/hash.ts";
import { encodeValue } from "../base/value_codec.ts";
import type { SharedValue } from "../flow/mod.ts";
import type { Panel } from "../quant/panel.ts";
import type { CombinatorialSettings } from "../quant/walk_forward/combinatorial_splits.ts";
import { rebalanceRule } from "./backtest.ts";
import { clusteringSettings } from "./clustering.ts";
import type { ProductionContext } from "./context.ts";
import { isChainOf, weightsChains } from "./grid.ts";
import { allocationSettings } from "./allocation_settings.ts";
import { chainProblem } from "./optimise.ts";
import { cutSplits } from "./plan.ts";
import { copyArtifact, keepArtifact } from "./tasks/artifact_store.ts";
import type { WindowWeights } from "./tasks/optimise_window.ts";
import { type CrossValidated, type PathsCandidate, testPaths } from "./tasks/test_paths.ts";
import { completeColumns, trainSplit } from "./tasks/train_split.ts";

/** Backtests every chain of weights by combinatorial purged cross-validation, where the configuration asks for it: every
 * split trains all chains, and every chain is simulated along all paths. Symbols without a return on some row are left
 * out. Tells how much of a result is luck; nothing else of a run depends on it.
 * @returns one a chain and rule of rebalancing; none where nobody asked */
export async function crossValidate(
  context: ProductionContext,
  returns: SharedValue<Panel>,
  periodsPerYear: number,
): Promise<CrossValidated[]> {
  const { stages, config } = context;
  if (config.backtest.cross_validation === undefined) return [];
  const { splits, settings } = cutSplits(returns.value.timestampsS.length, config)!;
  const candidates = pathsCandidates(context);
  return await stages.run("cross-validation", splits.length + candidates.length, async () => {
    const trained = await Promise.all(
      splits.map(({ index }) => trainOne(context, index, returns, periodsPerYear)),
    );
    return await Promise.all(
      candidates.map((candidate) =>
        testOne(context, candidate, trained, settings, returns, periodsPerYear)
      ),
    );
  }, (results) => `${splits.length} splits, ${results[0].summary.paths.length} paths each`);
}

/** Every chain of weights under every rule of rebalancing. */
function pathsCandidates({ config }: ProductionContext): PathsCandidate[] {
  return weightsChains(config).flatMap((chain) =>
    config.backtest.rebalance.map((rebalance) => ({ ...chain, rebalance }))
  );
}

/** The weights of all chains of the grid, trained on one split.
 * @param index of the split */
export async function trainOne(
  { trail, config }: ProductionContext,
  index: number,
  returns: SharedValue<Panel>,
  periodsPerYear: number,
): Promise<readonly WindowWeights[]> {
  const { symbols, timestampsS } = returns.value;
  const { train, testGroups } = cutSplits(timestampsS.length, config)!.splits[index];
  return await trail.record({
    step: "cross-training",
    context: { split: index, test_groups: testGroups },
    inputs: { returns: returns.hash },
    run: async () =>
      await trainSplit(
        {
          train,
          columns: completeColumns(returns.value),
          chains: await Promise.all(
            weightsChains(config).map((chain) => chainProblem(config, chain, symbols)),
          ),
        },
        returns,
        clusteringSettings(config),
        allocationSettings(config, periodsPerYear),
      ),
    outputs: (weights) => ({
      weights: sha256Hex(encodeValue(weights)),
      infeasible: weights.filter(({ status }) => status === "infeasible").length,
    }),
  });
}

/** One chain of weights along all paths.
 * @param trained by split, the weights of all chains of the grid */
export async function testOne(
  { trail, config, folders, run }: ProductionContext,
  candidate: PathsCandidate,
  trained: readonly (readonly WindowWeights[])[],
  splits: CombinatorialSettings,
  returns: SharedValue<Panel>,
  periodsPerYear: number,
): Promise<CrossValidated> {
  const chain = weightsChains(config).findIndex((one) => isChainOf(one, candidate));
  const weights = trained.map((split) => {
    const found = split[chain];
    return found.status === "infeasible" ? undefined : found.weights;
  });
  const { step, slippage_bps, commission_bps, initial_wealth } = config.backtest;
  const summary = await trail.record({
    step: "cross-validation",
    context: { ...candidate },
    inputs: { returns: returns.hash },
    run: async () => {
      const done = await testPaths(
        {
          weights,
          splits,
          step,
          rebalance: rebalanceRule(candidate.rebalance, config),
          slippageBps: slippage_bps,
          commissionBps: commission_bps,
          initialWealth: initial_wealth,
          periodsPerYear,
          riskFreeRate: config.risk.risk_free_rate,
        },
        returns,
        folders.store,
      );
      const file = await keepArtifact(folders.store, done.returns);
      await copyArtifact(folders.store, file, run.pathReturns(candidate));
      return { ...done, returns: file };
    },
    outputs: ({ returns: file, paths }) => ({ returns: file.sha256, paths: paths.length }),
  });
  const infeasibleSplits = weights.filter((found) => found === undefined).length;
  return { ...candidate, summary, infeasibleSplits };
}
