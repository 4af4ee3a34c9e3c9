import { writeFileAtomic } from "../../base/atomic_file.ts";
import { writeColumns } from "../../lakehouse/parquet/parquet_file.ts";
import {
  type Contribution,
  contributionsOf,
  type FlatPortfolio,
  flattenSleeves,
} from "../../quant/meta/flatten_sleeves.ts";
import type { WalkForwardWindow } from "../../quant/walk_forward/walk_forward_windows.ts";
import { type Artifact, copyArtifact, storeArtifact } from "../tasks/artifact_store.ts";
import type { MetaResult } from "./backtest.ts";
import type { JoinedReturns } from "./join.ts";
import type { MetaContext } from "./meta_context.ts";
import { runStage } from "./meta_event.ts";
import type { SleeveOutcome } from "./read_sleeve.ts";

/** What a portfolio of sleeves is to hold from a day on. */
export interface HoldingsAt {
  /** Seconds since the Unix epoch. */
  readonly atS: number;
  /** Weights of the sleeves, in their order. */
  readonly sleeveWeights: Float64Array;
  readonly contributions: readonly Contribution[];
}

/** A profile's portfolio of assets as of its last decision: what is to be held now. */
export interface CurrentPortfolio {
  readonly profile: string;
  readonly atS: number;
  readonly sleeveWeights: Float64Array;
  readonly flat: FlatPortfolio;
}

/** Looks through the sleeves: for every profile what is held of each asset, on each day on which the sleeves' weights or
 * a sleeve's own change. Weights are targets: between two days holdings drift. Also as a table of the run, and the last
 * of it as portfolio.json. */
export function lookThrough(
  context: MetaContext,
  sleeves: readonly SleeveOutcome[],
  windows: readonly WalkForwardWindow[],
  results: readonly MetaResult[],
  joined: JoinedReturns,
): Promise<CurrentPortfolio[]> {
  const { run, clock, onEvent } = context;
  return runStage(clock, onEvent, "holdings", async () => {
    const startsS = windows.map(({ testFrom }) => joined.returns.value.timestampsS[testFrom]);
    const perProfile = results.map(({ profile, weights }) => ({
      profile,
      holdings: holdingsOver(sleeves, startsS, weights),
    }));
    const current = await recordHoldings(context, sleeves, perProfile);
    await writeFileAtomic(run.portfolio, portfolioJson(sleeves, current));
    return current;
  }, ([{ flat }]) => `${flat.assets.length} assets, gross ${flat.gross.toFixed(3)}`);
}

/** Records the flattening of each profile, and writes the table of all.
 * @returns the last holdings of each */
function recordHoldings(
  { trail, folders, run }: MetaContext,
  sleeves: readonly SleeveOutcome[],
  perProfile: readonly { readonly profile: string; readonly holdings: readonly HoldingsAt[] }[],
): Promise<CurrentPortfolio[]> {
  const current = () =>
    perProfile.map(({ profile, holdings }): CurrentPortfolio => {
      const { atS, sleeveWeights, contributions } = holdings[holdings.length - 1];
      return { profile, atS, sleeveWeights, flat: flattenSleeves(contributions) };
    });
  return trail.record({
    step: "flatten",
    context: {},
    inputs: { weights: Object.fromEntries(sleeves.map((one) => [one.id, one.weightsSha256])) },
    run: async () => {
      const artifact = await storeHoldings(perProfile, folders.store);
      await copyArtifact(folders.store, artifact, run.holdings);
      return { artifact, portfolios: current() };
    },
    outputs: ({ artifact, portfolios }) => ({
      file: artifact.sha256,
      portfolios: portfolios.map(({ profile, atS, flat }) => ({
        profile,
        as_of: new Date(atS * 1000).toISOString(),
        net: flat.net,
        gross: flat.gross,
        weights: Object.fromEntries(flat.assets.map(({ symbol, net }) => [symbol, net])),
      })),
    }),
  }).then(({ portfolios }) => portfolios);
}

/** What is held on each day on which something is decided, from the first weights of the sleeves on.
 * @param startsS when the weights of the sleeves take effect, one a window, rising
 * @param weights of the sleeves, one row a window */
export function holdingsOver(
  sleeves: readonly Pick<SleeveOutcome, "id" | "decisions">[],
  startsS: readonly number[],
  weights: readonly Float64Array[],
): HoldingsAt[] {
  const days = new Set(startsS);
  for (const { decisions } of sleeves) {
    for (const { atS } of decisions) if (atS > startsS[0]) days.add(atS);
  }
  return [...days].sort((a, b) => a - b).map((atS) => {
    const sleeveWeights = weights[startsS.findLastIndex((startS) => startS <= atS)];
    const weighted = sleeves.flatMap(({ id, decisions }, i) => {
      // Before its first solution a sleeve is all cash.
      const decision = decisions.findLast((one) => one.atS <= atS);
      return decision === undefined
        ? []
        : [{ id, weight: sleeveWeights[i], holds: decision.holds }];
    });
    return { atS, sleeveWeights, contributions: contributionsOf(weighted) };
  });
}

/** One row a (day, profile, asset, sleeve): date, engine, profile, symbol, sleeve, sleeve_weight, asset_weight,
 * contribution. */
function storeHoldings(
  perProfile: readonly { readonly profile: string; readonly holdings: readonly HoldingsAt[] }[],
  storeDir: string,
): Promise<Artifact> {
  const rows = perProfile.flatMap(({ profile, holdings }) =>
    holdings.flatMap(({ atS, contributions }) =>
      contributions.map((part) => ({ profile, atS, part }))
    )
  );
  const numbers = (value: (row: typeof rows[number]) => number) => Float64Array.from(rows, value);
  return storeArtifact(storeDir, ".parquet", async (path) => {
    await writeColumns(path, [
      { name: "date", dtype: "timestamp", values: numbers(({ atS }) => atS) },
      { name: "profile", dtype: "utf8", values: rows.map(({ profile }) => profile) },
      { name: "symbol", dtype: "utf8", values: rows.map(({ part }) => part.symbol) },
      { name: "sleeve", dtype: "utf8", values: rows.map(({ part }) => part.path) },
      { name: "sleeve_weight", dtype: "f64", values: numbers(({ part }) => part.sleeveWeight) },
      { name: "asset_weight", dtype: "f64", values: numbers(({ part }) => part.assetWeight) },
      {
        name: "contribution",
        dtype: "f64",
        values: numbers(({ part }) => part.sleeveWeight * part.assetWeight),
      },
    ]);
  });
}

function portfolioJson(
  sleeves: readonly SleeveOutcome[],
  current: readonly CurrentPortfolio[],
): string {
  const portfolios = current.map(({ profile, atS, sleeveWeights, flat }) => ({
    profile,
    as_of: new Date(atS * 1000).toISOString().slice(0, 10),
    sleeves: Object.fromEntries(sleeves.map(({ id }, i) => [id, sleeveWeights[i]])),
    net: flat.net,
    gross: flat.gross,
    gross_of_sleeves: flat.grossOfSleeves,
    cash: 1 - flat.net,
    assets: flat.assets.map(({ symbol, net, gross, contributors }) => ({
      symbol,
      net,
      gross,
      contributors: contributors.map(({ path, sleeveWeight, assetWeight }) => ({
        sleeve: path,
        sleeve_weight: sleeveWeight,
        asset_weight: assetWeight,
        contribution: sleeveWeight * assetWeight,
      })),
    })),
  }));
  return `${JSON.stringify({ portfolios }, null, 2)}\n`;
}
