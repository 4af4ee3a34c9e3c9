import type { Json } from "../../base/canonical_json.ts";
import { UserError } from "../../base/errors.ts";
import type { ProfileName } from "../../quant/optimizers/profiles.ts";
import type { Panel } from "../../quant/panel.ts";
import type { WalkForwardWindow } from "../../quant/walk_forward/walk_forward_windows.ts";
import { walkForwardWindows } from "../../quant/walk_forward/walk_forward_windows.ts";
import type { MetaConfig } from "../../manifest/meta_config.ts";
import type { Allocated } from "../optimise.ts";
import { copyArtifact } from "../tasks/artifact_store.ts";
import { storeWeights } from "../tasks/store_weights.ts";
import { weighSleeves } from "../tasks/weigh_sleeves.ts";
import { ANY } from "../grid.ts";
import type { JoinedReturns } from "./join.ts";
import type { MetaContext } from "./meta_context.ts";
import { runStage } from "./meta_event.ts";

/** What the candidates of a meta-portfolio have in common: assets are sleeves, weighted one by one. */
export const META_ENGINE = "flat";

/** The windows of a meta-portfolio's walk-forward: weights of one rest on the joined rows before it.
 * @throws {UserError} when there are too few rows for one */
export function cutMetaWindows(rows: number, { meta }: MetaConfig): WalkForwardWindow[] {
  const { train, step, anchored } = meta;
  if (rows <= train) {
    throw new UserError(
      "meta/too-few-days",
      `Cannot weigh sleeves: they share ${rows} days, one window of meta.train ${train} needs more`,
      { hint: "Lower meta.train, or let the sleeves backtest over more days." },
    );
  }
  return walkForwardWindows(rows, { train, test: step, step, anchored });
}

/** Weights of the sleeves for every (window, profile), from joined rows before the window alone; also as a file of the
 * run. */
export function weigh(
  context: MetaContext,
  windows: readonly WalkForwardWindow[],
  joined: JoinedReturns,
): Promise<Allocated[]> {
  const { config, folders, run, clock, onEvent } = context;
  // The manifest was read with these names allowed and no others.
  const profiles = config.meta.profiles as readonly ProfileName[];
  const problems = windows.flatMap((window) => profiles.map((profile) => ({ window, profile })));
  const { value: panel } = joined.returns;
  return runStage(clock, onEvent, "weights", async () => {
    const allocated = await Promise.all(
      problems.map(({ window, profile }) => weighOne(context, window, profile, joined)),
    );
    const { artifact } = await storeWeights(
      allocated.flatMap(({ window, selection, engine, profile, allocation }) =>
        allocation.status === "infeasible" ? [] : [{
          window: window.index,
          testStartS: panel.timestampsS[window.testFrom],
          testEndS: panel.timestampsS[window.testTo - 1],
          selection,
          engine,
          profile,
          weights: allocation.weights,
        }]
      ),
      panel.symbols,
      folders.store,
    );
    await copyArtifact(folders.store, artifact, run.sleeveWeights);
    return allocated;
  }, (allocated) => describe(allocated, windows.length));
}

async function weighOne(
  { trail, config }: MetaContext,
  window: WalkForwardWindow,
  profile: ProfileName,
  { returns, periodsPerYear }: JoinedReturns,
): Promise<Allocated> {
  const { symbols, timestampsS } = returns.value;
  const { min_weight: minWeight, max_weight: maxWeight, risk_free_rate: riskFreeRate } =
    config.meta;
  const allocation = await trail.record({
    step: "optimise",
    context: { ...datesOf(window, timestampsS), engine: META_ENGINE, profile },
    inputs: { returns: returns.hash },
    run: () =>
      weighSleeves(
        { from: window.trainFrom, to: window.trainTo },
        returns,
        profile,
        { periodsPerYear, minWeight, maxWeight, riskFreeRate },
      ),
    outputs: (allocation): Record<string, Json> =>
      allocation.status === "infeasible" ? { status: "infeasible", reason: allocation.reason } : {
        status: allocation.status,
        relaxations: allocation.relaxations,
        objective: allocation.objective,
        weights: Object.fromEntries(symbols.map((id, i) => [id, allocation.weights[i]])),
      },
  });
  return { window, selection: ANY, engine: META_ENGINE, profile, allocation };
}

function datesOf(
  { index, trainFrom, trainTo, testFrom, testTo }: WalkForwardWindow,
  timestampsS: Panel["timestampsS"],
): Record<string, Json> {
  const day = (row: number) => new Date(timestampsS[row] * 1000).toISOString();
  return {
    window: index,
    train_start: day(trainFrom),
    train_end: day(trainTo - 1),
    test_start: day(testFrom),
    test_end: day(testTo - 1),
  };
}

function describe(allocated: readonly Allocated[], windows: number): string {
  const infeasible =
    allocated.filter(({ allocation }) => allocation.status === "infeasible").length;
  return `${allocated.length} over ${windows} windows${
    infeasible > 0 ? `, ${infeasible} infeasible` : ""
  }`;
}
