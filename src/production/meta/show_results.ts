import { artifact } from "../../flow/mod.ts";
import type { CurrentPortfolio } from "./holdings.ts";
import type { JoinedReturns } from "./join.ts";
import type { SleeveOutcome } from "./read_sleeve.ts";

/** Assets of a portfolio that are shown, the largest first; the files of the run have all. */
const MAX_ASSETS = 100;

/** Keeps with the run of the flow what a person wants to see of it: the sleeves with their runs and weights, and what
 * each portfolio is to hold now. */
export function showResults(
  sleeves: readonly SleeveOutcome[],
  { coverage }: JoinedReturns,
  portfolios: readonly CurrentPortfolio[],
  reportPath: string,
): void {
  artifact.table(
    "sleeves",
    sleeves.map(({ id, runId, ledgerHash }, i) => ({
      sleeve: id,
      run: runId,
      ...Object.fromEntries(
        portfolios.map(({ profile, sleeveWeights }) => [`weight, ${profile}`, sleeveWeights[i]]),
      ),
      days: coverage[i].days,
      shared: coverage[i].shared,
      ledger: ledgerHash,
    })),
    { title: "Sleeves and their weights now" },
  );
  for (const { profile, flat } of portfolios) {
    const largest = flat.assets.toSorted((a, b) => Math.abs(b.net) - Math.abs(a.net));
    artifact.table(
      `holdings-${profile}`,
      largest.slice(0, MAX_ASSETS).map(({ symbol, net, gross, contributors }) => ({
        symbol,
        net,
        gross,
        sleeves: contributors.map(({ path }) => path).join(", "),
      })),
      { title: `Assets to hold by ${profile}` },
    );
  }
  artifact.link("report", reportPath, { title: "Report" });
}
