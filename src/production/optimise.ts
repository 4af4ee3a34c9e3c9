import type { Json } from "../base/canonical_json.ts";
import type { SharedValue } from "../flow/mod.ts";
import type { AssetClusters } from "../quant/clustering/cluster_assets.ts";
import type { EngineName } from "../quant/engines/engine_names.ts";
import type { ProfileName } from "../quant/optimizers/profiles.ts";
import type { Panel } from "../quant/panel.ts";
import type { Atom } from "../quant/synthesis/atom.ts";
import { flattenAtoms } from "../quant/synthesis/replay_atoms.ts";
import type { WalkForwardWindow } from "../quant/walk_forward/walk_forward_windows.ts";
import type { ProductionContext } from "./context.ts";
import { copyArtifact } from "./tasks/artifact_store.ts";
import { optimiseWindow, type WindowWeights } from "./tasks/optimise_window.ts";
import { storeWeights } from "./tasks/store_weights.ts";
import type { Universe } from "./tasks/window_assets.ts";

/** What one (window, engine, profile) came to. */
export interface Allocated {
  readonly window: WalkForwardWindow;
  readonly engine: EngineName;
  readonly profile: ProfileName;
  /** Weights of symbols; those of atoms as they are flattened for the first test row. */
  readonly allocation: WindowWeights;
  /** The weights of atoms behind them, where atoms were optimised over and a solution was found. */
  readonly atomWeights?: AtomWeights;
}

/** How wealth is spread over atoms. */
export interface AtomWeights {
  readonly atoms: readonly Atom[];
  /** One an atom. */
  readonly weights: Float64Array;
}

/** Weights for every (window, engine, profile), all at once: none depends on another. */
export function optimise(
  context: ProductionContext,
  windows: readonly WalkForwardWindow[],
  universes: readonly Universe[],
  clusters: readonly (AssetClusters | undefined)[],
  returns: SharedValue<Panel>,
  periodsPerYear: number,
): Promise<Allocated[]> {
  const { stages, config, folders, run } = context;
  // The manifest was read with these names allowed and no others.
  const engines = config.backtest.engines as readonly EngineName[];
  const profiles = config.backtest.profiles as readonly ProfileName[];
  const problems = windows.flatMap((window) =>
    engines.flatMap((engine) => profiles.map((profile) => ({ window, engine, profile })))
  );
  return stages.run("optimise", problems.length, async () => {
    const allocated = await Promise.all(problems.map(async (problem): Promise<Allocated> => {
      const universe = universes[problem.window.index];
      const allocation = await optimiseOne(
        context,
        problem,
        universe,
        clusters[problem.window.index],
        returns,
        periodsPerYear,
      );
      return { ...problem, ...flatten(allocation, universe, returns.value, problem.window) };
    }));
    const cube = await storeWeights(
      weightsRows(allocated, returns.value),
      returns.value.symbols,
      folders.store,
    );
    await copyArtifact(folders.store, cube.artifact, run.weights);
    return allocated;
  }, describe);
}

function optimiseOne(
  { trail, config }: ProductionContext,
  { window, engine, profile }: Pick<Allocated, "window" | "engine" | "profile">,
  universe: Universe,
  clusters: AssetClusters | undefined,
  returns: SharedValue<Panel>,
  periodsPerYear: number,
): Promise<WindowWeights> {
  const { cluster_cap: clusterCap, max_weight: maxWeight, risk_free_rate: riskFreeRate } =
    config.risk;
  const { symbols, timestampsS } = returns.value;
  return trail.record({
    step: "optimise",
    context: {
      window: window.index,
      engine,
      profile,
      train_start: isoDate(timestampsS[window.trainFrom]),
      train_end: isoDate(timestampsS[window.trainTo - 1]),
      test_start: isoDate(timestampsS[window.testFrom]),
      test_end: isoDate(timestampsS[window.testTo - 1]),
    },
    inputs: { returns: returns.hash },
    run: () =>
      optimiseWindow(
        {
          train: { from: window.trainFrom, to: window.trainTo },
          universe,
          clusters,
          engine,
          profile,
        },
        returns,
        { periodsPerYear, clusterCap, maxWeight, riskFreeRate },
      ),
    outputs: (allocation): Record<string, Json> => {
      if (allocation.status === "infeasible") {
        return { status: "infeasible", reason: allocation.reason };
      }
      const names = universe.type === "atoms" ? universe.atoms.map(({ name }) => name) : symbols;
      const held = names.flatMap((name, i) =>
        allocation.weights[i] === 0 ? [] : [[name, allocation.weights[i]] as const]
      );
      return {
        status: allocation.status,
        relaxations: allocation.relaxations,
        objective: allocation.objective,
        weights: Object.fromEntries(held),
      };
    },
  });
}

function flatten(
  allocation: WindowWeights,
  universe: Universe,
  panel: Panel,
  window: WalkForwardWindow,
): Pick<Allocated, "allocation" | "atomWeights"> {
  if (universe.type !== "atoms" || allocation.status === "infeasible") return { allocation };
  const { atoms } = universe;
  const weights = flattenAtoms(panel, atoms, allocation.weights, window.testFrom);
  return {
    allocation: { ...allocation, weights },
    atomWeights: { atoms, weights: allocation.weights },
  };
}

function weightsRows(allocated: readonly Allocated[], { timestampsS }: Panel) {
  return allocated.flatMap(({ window, engine, profile, allocation }) =>
    allocation.status === "infeasible" ? [] : [{
      window: window.index,
      testStartS: timestampsS[window.testFrom],
      testEndS: timestampsS[window.testTo - 1],
      engine,
      profile,
      weights: allocation.weights,
    }]
  );
}

function describe(allocated: readonly Allocated[]): string {
  const count = (status: WindowWeights["status"]) =>
    allocated.filter(({ allocation }) => allocation.status === status).length;
  const parts = [`${count("optimal")} optimal`];
  if (count("relaxed") > 0) parts.push(`${count("relaxed")} relaxed`);
  if (count("infeasible") > 0) parts.push(`${count("infeasible")} infeasible`);
  return parts.join(", ");
}

function isoDate(timestampS: number): string {
  return new Date(timestampS * 1000).toISOString();
}
