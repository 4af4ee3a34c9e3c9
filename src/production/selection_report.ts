import type { Panel } from "../quant/panel.ts";
import type { Selection } from "../quant/selection/selection.ts";
import type { SelectedAsset, SelectionReport } from "../report/mod.ts";
import type { SelectedWindows, SelectionDecision } from "./selection.ts";

/** What a report says of the decisions.
 * @returns one a mode that chose; none where all symbols were taken */
export function selectionReports(
  decisions: SelectedWindows["decisions"],
  panel: Panel,
  auditPath: string,
): SelectionReport[] {
  return [...decisions].map(([mode, taken]) => reportOf(mode, taken, panel, auditPath));
}

function reportOf(
  mode: string,
  decisions: readonly SelectionDecision[],
  { symbols }: Panel,
  auditPath: string,
): SelectionReport {
  const selections = decisions.flatMap(({ selection }) => selection ?? []);
  const counts = decisions.map(({ selection }) => selection?.winners.length ?? 0);
  return {
    mode,
    decisions: decisions.length,
    winners: { least: Math.min(...counts), most: Math.max(...counts) },
    stability: meanJaccard(decisions),
    steps: winnersByStep(selections),
    assets: symbols.map((symbol) => assetReport(symbol, selections)),
    auditPath,
  };
}

function winnersByStep(selections: readonly Selection[]): SelectionReport["steps"] {
  const winners = new Map<string, number>();
  for (const { step, added } of selections.flatMap(({ steps }) => steps)) {
    winners.set(step, (winners.get(step) ?? 0) + added.length);
  }
  return [...winners].map(([step, winners]) => ({ step, winners }));
}

function assetReport(symbol: string, selections: readonly Selection[]): SelectedAsset {
  const verdicts = selections.flatMap(({ assets }) =>
    assets.filter((asset) => asset.symbol === symbol)
  );
  const last = verdicts.at(-1);
  return {
    symbol,
    chosen: verdicts.filter(({ isWinner }) => isWinner).length,
    judged: verdicts.length,
    last: last === undefined ? null : {
      isWinner: last.isWinner,
      direction: last.direction,
      score: last.score,
      cluster: last.cluster,
      reason: last.reason,
    },
  };
}

/** The mean of |both| / |either| over successive selections; two empty ones have all in common. */
function meanJaccard(decisions: readonly SelectionDecision[]): number | null {
  if (decisions.length < 2) return null;
  const sets = decisions.map(({ selection }) =>
    new Set(selection?.winners.map(({ symbol }) => symbol) ?? [])
  );
  let sum = 0;
  for (let k = 1; k < sets.length; k++) {
    const either = sets[k].union(sets[k - 1]).size;
    sum += either === 0 ? 1 : sets[k].intersection(sets[k - 1]).size / either;
  }
  return sum / (sets.length - 1);
}
