import type { ProductionConfig } from "../manifest/config.ts";

/** Stands for the engine or the selection on which a profile does not depend, so that it is computed once. */
export const ANY = "any";

/** Profiles whose weights are the same whatever the engine. */
const WITHOUT_ENGINE: ReadonlySet<string> = new Set(["market", "benchmark", "barbell"]);
/** Profiles that take all candidates into account, whatever was selected of them. */
const WITHOUT_SELECTION: ReadonlySet<string> = new Set(["market", "benchmark"]);

/** What has weights of its own for every window. */
export interface WeightsChain {
  /** The mode of selection. */
  readonly selection: string;
  readonly engine: string;
  readonly profile: string;
}

/** What has returns of its own: a chain of weights, simulated in one way. */
export interface Candidate extends WeightsChain {
  /** When holdings go back to their weights within a test. */
  readonly rebalance: string;
  readonly simulator: string;
}

type GridConfig = Pick<ProductionConfig, "selection" | "backtest" | "own">;

/** Every chain of weights that a configuration asks for, each once. */
export function weightsChains(
  { selection, backtest, own }: GridConfig,
): WeightsChain[] {
  const isStrategy = (profile: string) => Object.hasOwn(own.strategies, profile);
  const isOwn = (profile: string) => isStrategy(profile) || Object.hasOwn(own.profiles, profile);
  const chains = new Map<string, WeightsChain>();
  for (const mode of selection.modes) {
    for (const engine of backtest.engines) {
      for (const profile of backtest.profiles) {
        const chain = {
          selection: WITHOUT_SELECTION.has(profile) || isStrategy(profile) ? ANY : mode,
          engine: WITHOUT_ENGINE.has(profile) || isOwn(profile) ? ANY : engine,
          profile,
        };
        chains.set(Object.values(chain).join("/"), chain);
      }
    }
  }
  return [...chains.values()];
}

/** Every candidate of a configuration: each chain of weights, under each rule of rebalancing, by each simulator. */
export function gridCandidates(
  config: GridConfig,
): Candidate[] {
  const { rebalance: rules, simulators } = config.backtest;
  return weightsChains(config).flatMap((chain) =>
    rules.flatMap((rebalance) =>
      simulators.map((simulator) => ({ ...chain, rebalance, simulator }))
    )
  );
}

/** Whether a chain of weights is the one of a candidate. */
export function isChainOf(one: WeightsChain, other: WeightsChain): boolean {
  return one.selection === other.selection && one.engine === other.engine &&
    one.profile === other.profile;
}

/** The part of the grid that is one candidate, or all that have its weights. */
export function narrowedTo(
  config: ProductionConfig,
  { selection, engine, profile, rebalance, simulator }: WeightsChain & Partial<Candidate>,
): ProductionConfig {
  const { backtest } = config;
  return {
    ...config,
    // Names of the ledger, which were names of the configuration.
    selection: { ...config.selection, modes: [selection] } as ProductionConfig["selection"],
    backtest: {
      ...backtest,
      engines: [engine],
      profiles: [profile],
      rebalance: rebalance === undefined ? backtest.rebalance : [rebalance],
      simulators: simulator === undefined ? backtest.simulators : [simulator],
    } as ProductionConfig["backtest"],
  };
}
