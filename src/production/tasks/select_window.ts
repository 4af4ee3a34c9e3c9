import { task } from "../../flow/mod.ts";
import type { Panel } from "../../quant/panel.ts";
import { selectAssets } from "../../quant/selection/select_assets.ts";
import type { Selection, SelectionSettings } from "../../quant/selection/selection.ts";
import { type RowRange, trainingWindow } from "./window_assets.ts";

/** What was chosen for a window. */
export interface WindowChoice {
  /** Of the assets that are complete in the training rows; its indexes are columns of the panel. Undefined when none
   * is complete. */
  readonly selection: Selection | undefined;
}

/** What is known of symbols beside their returns. */
export interface SymbolFacts {
  /** What trading each symbol of the panel is taken to cost in a year, as a fraction of its value. */
  readonly annualFrictions: Float64Array;
  /** What each symbol of the panel trades in a day on average, NaN where it is not known; null when nothing is. */
  readonly dailyValues: Float64Array | null;
  /** What of that counts as fully liquid. */
  readonly liquidValue: number;
  /** What each symbol of the panel is; equal ones are the same asset. */
  readonly identities: readonly string[];
  /** Whether it is known how to trade each symbol of the panel; null where that is not judged. */
  readonly hasExecution: readonly (boolean | null)[];
}

/** Selects the assets of one window, from its training rows alone. */
export const selectWindow = task(
  "select-window",
  (
    train: RowRange,
    returns: Panel,
    settings: SelectionSettings,
    { annualFrictions, dailyValues, liquidValue, identities, hasExecution }: SymbolFacts,
  ): WindowChoice => {
    const window = trainingWindow(returns, train);
    if (window.N === 0) return { selection: undefined };
    const candidates = [...window.assets].map((column) => ({
      symbol: returns.symbols[column],
      identity: identities[column],
      annualFriction: annualFrictions[column],
      ...hasExecution[column] === null ? {} : { hasExecution: hasExecution[column] },
      ...dailyValues === null || Number.isNaN(dailyValues[column])
        ? {}
        : { dailyValue: dailyValues[column], liquidValue },
    }));
    const selection = selectAssets({ window, candidates, settings });
    const winners = selection.winners.map((winner) => ({
      ...winner,
      index: window.assets[winner.index],
    }));
    return { selection: { ...selection, winners } };
  },
  // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
  { run: "cluster", module: import.meta.url, retries: 2 },
);
