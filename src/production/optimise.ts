import type { Json } from "../base/canonical_json.ts";
import { sha256Hex } from "../base/hash.ts";
import { encodeValue } from "../base/value_codec.ts";
import type { SharedValue } from "../flow/mod.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import type { AssetClusters } from "../quant/clustering/cluster_assets.ts";
import type { EngineName } from "../quant/engines/engine_names.ts";
import type { ProfileName } from "../quant/optimizers/profiles.ts";
import type { Panel } from "../quant/panel.ts";
import type { Atom } from "../quant/synthesis/atom.ts";
import { flattenAtoms } from "../quant/synthesis/replay_atoms.ts";
import type { WalkForwardWindow } from "../quant/walk_forward/walk_forward_windows.ts";
import type { WindowClusters } from "./clustering.ts";
import { allocationSettings } from "./allocation_settings.ts";
import type { ProductionContext } from "./context.ts";
import { ANY, type WeightsChain, weightsChains } from "./grid.ts";
import { followsHoldings, heldWeights } from "./held_weights.ts";
import type { Universes } from "./selection.ts";
import { copyArtifact } from "./tasks/artifact_store.ts";
import { ownReference } from "./own/load_own.ts";
import {
  type OptimisationProblem,
  optimiseWindow,
  type WindowWeights,
} from "./tasks/optimise_window.ts";
import { storeWeights } from "./tasks/store_weights.ts";
import type { Universe } from "./tasks/window_assets.ts";

/** What one (window, selection, engine, profile) came to. */
export interface Allocated extends WeightsChain {
  readonly window: WalkForwardWindow;
  /** Weights of symbols; those of atoms as they are flattened for the first test row. */
  readonly allocation: WindowWeights;
  /** What was held when it was decided, over all columns of the returns; where weights depend on it, and not of the first
   * window. */
  readonly held?: Float64Array;
  /** The weights of atoms behind them, where atoms were optimised over and a solution was found. */
  readonly atomWeights?: AtomWeights;
}

/** How wealth is spread over atoms. */
export interface AtomWeights {
  readonly atoms: readonly Atom[];
  /** One an atom. */
  readonly weights: Float64Array;
}

/** Weights for every window of every chain, all at once where none depends on another; else chain by chain beside each
 * other, each window after the one before.
 * @param before what the windows follow, of a chain that is not whole */
export function optimise(
  context: ProductionContext,
  windows: readonly WalkForwardWindow[],
  universes: Universes,
  clusters: WindowClusters,
  returns: SharedValue<Panel>,
  periodsPerYear: number,
  before?: Allocated,
): Promise<Allocated[]> {
  const { stages, config, folders, run } = context;
  const chains = weightsChains(config);
  const allocate = async (i: number, chain: WeightsChain, previous?: Allocated) => {
    const window = windows[i], universe = universes.get(chain.selection)![i];
    const held = previous && heldWeights(previous, returns.value, window.testFrom);
    const allocation = await optimiseOne(
      context,
      { window, ...chain, held },
      universe,
      clusters.get(chain.selection)?.[i],
      returns,
      periodsPerYear,
    );
    return { window, ...chain, held, ...flatten(allocation, universe, returns.value, window) };
  };
  const last = new Map<string, Promise<Allocated>>();
  const follow = (i: number, chain: WeightsChain): Promise<Allocated> => {
    const key = JSON.stringify(chain);
    const previous = last.get(key) ?? Promise.resolve(before);
    const allocated = previous.then((known) => allocate(i, chain, known));
    last.set(key, allocated);
    return allocated;
  };
  return stages.run("optimise", windows.length * chains.length, async () => {
    const next = followsHoldings(config) ? follow : allocate;
    const allocated = await Promise.all(
      windows.flatMap((_, i) => chains.map((chain): Promise<Allocated> => next(i, chain))),
    );
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
  { window, selection, engine, profile, held }: WeightsChain & Pick<Allocated, "window" | "held">,
  universe: Universe,
  clusters: AssetClusters | undefined,
  returns: SharedValue<Panel>,
  periodsPerYear: number,
): Promise<WindowWeights> {
  const { symbols, timestampsS } = returns.value;
  return trail.record({
    step: "optimise",
    context: {
      window: window.index,
      selection,
      engine,
      profile,
      train_start: isoDate(timestampsS[window.trainFrom]),
      train_end: isoDate(timestampsS[window.trainTo - 1]),
      test_start: isoDate(timestampsS[window.testFrom]),
      test_end: isoDate(timestampsS[window.testTo - 1]),
    },
    inputs: {
      returns: returns.hash,
      ...held === undefined ? {} : { held: sha256Hex(encodeValue(held)) },
    },
    run: async () =>
      optimiseWindow(
        {
          ...await chainProblem(config, { selection, engine, profile }, symbols),
          train: { from: window.trainFrom, to: window.trainTo },
          universe,
          clusters,
          ...held === undefined ? {} : { held },
        },
        returns,
        allocationSettings(config, periodsPerYear),
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
        ...allocation.market === undefined ? {} : { market: { ...allocation.market } },
        weights: Object.fromEntries(held),
      };
    },
  });
}

/** What a chain of weights asks of every window. */
export async function chainProblem(
  config: ProductionConfig,
  { engine, profile }: WeightsChain,
  symbols: readonly string[],
): Promise<Omit<OptimisationProblem, "train" | "universe" | "clusters">> {
  return {
    ...await ownProfile(config, profile),
    // The manifest was read with these names allowed and no others.
    engine: (engine === ANY ? "flat" : engine) as EngineName,
    profile: profile as ProfileName,
    ...marketColumns(config.discovery.market, symbols),
  };
}

/** The optimiser or strategy of the user's own that a profile is. */
async function ownProfile(
  { own }: ProductionConfig,
  profile: string,
): Promise<Pick<OptimisationProblem, "own">> {
  for (const kind of ["profiles", "strategies"] as const) {
    const found = await ownReference(own, kind, profile);
    if (found !== undefined) return { own: { ...found, kind } };
  }
  return {};
}

/** The columns of the symbols that are the market and have returns. */
function marketColumns(
  market: readonly string[] | undefined,
  symbols: readonly string[],
): { readonly market?: Int32Array } {
  if (market === undefined) return {};
  const wanted = new Set(market);
  return {
    market: Int32Array.from(symbols.keys()).filter((column) => wanted.has(symbols[column])),
  };
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
  return allocated.flatMap(({ window, selection, engine, profile, allocation }) =>
    allocation.status === "infeasible" ? [] : [{
      window: window.index,
      testStartS: timestampsS[window.testFrom],
      testEndS: timestampsS[window.testTo - 1],
      selection,
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
