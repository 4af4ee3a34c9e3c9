import type { SharedValue } from "../flow/mod.ts";
import type { Panel } from "../quant/panel.ts";
import type { SimulatorName } from "../quant/simulators/simulator_names.ts";
import type { ProductionContext } from "./context.ts";
import type { Allocated } from "./optimise.ts";
import { aimedWeights, candidateTargets, remarksOf } from "./targets.ts";
import { copyArtifact, keepArtifact } from "./tasks/artifact_store.ts";
import { backtestCandidate, type BacktestSettings } from "./tasks/backtest_candidate.ts";
import type { CandidateResult } from "./tasks/report_model.ts";

/** Backtests every engine × simulator × profile, each as one chain over all windows. */
export function backtest(
  context: ProductionContext,
  allocated: readonly Allocated[],
  returns: SharedValue<Panel>,
  periodsPerYear: number,
): Promise<CandidateResult[]> {
  const { stages, config } = context;
  const { engines, profiles, simulators, slippage_bps, commission_bps, initial_wealth } =
    config.backtest;
  const { rebalance: mode, drift_threshold: threshold } = config.backtest;
  const firstRow = allocated[0].window.testFrom;
  const windowStarts = [...new Set(allocated.map(({ window }) => window.testFrom - firstRow))];
  const settings: BacktestSettings = {
    slippageBps: slippage_bps,
    commissionBps: commission_bps,
    rebalance: mode === "drift" ? { mode, threshold } : { mode },
    initialWealth: initial_wealth,
    periodsPerYear,
    riskFreeRate: config.risk.risk_free_rate,
    windowStarts,
  };
  const candidates = engines.flatMap((engine) =>
    // The manifest was read with these names allowed and no others.
    (simulators as readonly SimulatorName[]).flatMap((simulator) =>
      profiles.map((profile) => ({ engine, simulator, profile }))
    )
  );
  return stages.run(
    "backtest",
    candidates.length,
    () =>
      Promise.all(
        candidates.map((candidate) =>
          backtestOne(context, candidate, allocated, returns, settings)
        ),
      ),
    (results) => `${results.length} candidates over ${windowStarts.length} windows`,
  );
}

async function backtestOne(
  { trail, folders, run }: ProductionContext,
  candidate: {
    readonly engine: string;
    readonly simulator: SimulatorName;
    readonly profile: string;
  },
  allocated: readonly Allocated[],
  returns: SharedValue<Panel>,
  settings: BacktestSettings,
): Promise<CandidateResult> {
  const { engine, simulator, profile } = candidate;
  const chain = allocated.filter((one) => one.engine === engine && one.profile === profile);
  const targets = candidateTargets(chain, returns.value);
  const summary = await trail.record({
    step: "backtest",
    context: candidate,
    inputs: { returns: returns.hash },
    run: async () => {
      const done = await backtestCandidate(
        { targets, simulator },
        returns,
        settings,
        folders.store,
      );
      const file = await keepArtifact(folders.store, done.returns);
      await copyArtifact(folders.store, file, run.candidateReturns(engine, simulator, profile));
      return { ...done, returns: file };
    },
    outputs: ({ returns: file, finalWealth }) => ({
      returns: file.sha256,
      final_wealth: finalWealth,
    }),
  });
  const weights = aimedWeights(chain, returns.value.symbols.length);
  return { ...candidate, summary, weights, remarks: remarksOf(chain) };
}
