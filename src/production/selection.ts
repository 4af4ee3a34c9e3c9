import { writeFileAtomic } from "../base/atomic_file.ts";
import { sha256Hex } from "../base/hash.ts";
import type { SharedValue } from "../flow/mod.ts";
import { readTradedValues, type TradedValues } from "../lakehouse/read_traded_values.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import type { CalendarId } from "../quant/calendars/session_calendar.ts";
import type { Panel } from "../quant/panel.ts";
import { meanTradedValues } from "../quant/selection/mean_traded_values.ts";
import type { Selection, SelectionSettings } from "../quant/selection/selection.ts";
import { type AtomAsset, makeAtoms } from "../quant/synthesis/atom.ts";
import type { WalkForwardWindow } from "../quant/walk_forward/walk_forward_windows.ts";
import type { ProductionContext } from "./context.ts";
import { selectionAudit } from "./selection_audit.ts";
import { selectWindow } from "./tasks/select_window.ts";
import { ALL, type Universe } from "./tasks/window_assets.ts";

/** What was selected for the windows. */
export interface SelectedWindows {
  /** One a window, in their order. */
  readonly universes: readonly Universe[];
  /** The decisions that were taken, by the window that they were taken for; empty when all symbols are taken. */
  readonly decisions: readonly SelectionDecision[];
}

/** A selection and the window from whose training rows it was made. */
export interface SelectionDecision {
  readonly window: WalkForwardWindow;
  /** Undefined when no symbol had a return on every training row. */
  readonly selection: Selection | undefined;
}

/** What each window may hold: all symbols, those that win by its training rows, or atoms on either. Writes the audit of
 * the selection into the run's folder. */
export function select(
  context: ProductionContext,
  windows: readonly WalkForwardWindow[],
  returns: SharedValue<Panel>,
  periodsPerYear: number,
  calendar: CalendarId,
): Promise<SelectedWindows> {
  const { stages, config, run } = context;
  const { mode, refresh } = config.selection;
  const decided = mode === "baseline" ? [] : refresh === "once" ? windows.slice(0, 1) : windows;
  return stages.run("selection", mode === "baseline" ? undefined : decided.length, async () => {
    const path = config.selection.traded_values;
    const traded = path === undefined || decided.length === 0
      ? undefined
      : await readTradedValues(path);
    const basis = { returns, periodsPerYear, traded, liquidValue: LIQUID_VALUES[calendar] };
    const decisions = await Promise.all(decided.map((window) => decide(context, window, basis)));
    if (mode === "baseline") await recordBaseline(context, returns);
    const universes = windows.map((_, i) =>
      universeOf(config, returns.value, decisions[Math.min(i, decisions.length - 1)])
    );
    await writeFileAtomic(
      run.selectionAudit,
      selectionAudit(config.selection, decisions, returns.value),
    );
    return { universes, decisions };
  }, (selected) => describe(config, selected, returns.value.symbols.length));
}

/** What a day's trading in a fully liquid asset comes to, in the quote currency. */
const LIQUID_VALUES: Readonly<Record<CalendarId, number>> = {
  "24x7": 1e7,
  "24x5": 5e8,
  XNYS: 5e8,
};

/** What all decisions rest on. */
interface Basis {
  readonly returns: SharedValue<Panel>;
  readonly periodsPerYear: number;
  readonly traded: TradedValues | undefined;
  readonly liquidValue: number;
}

function decide(
  { trail, config }: ProductionContext,
  window: WalkForwardWindow,
  { returns, periodsPerYear, traded, liquidValue }: Basis,
): Promise<SelectionDecision> {
  const { symbols, timestampsS } = returns.value;
  const { slippage_bps, commission_bps, step } = config.backtest;
  // As if all were bought and sold once a window: who cannot earn that is not worth a place.
  const annualFriction = 2 * (slippage_bps + commission_bps) / 10_000 * periodsPerYear / step;
  const firstRow = Math.max(window.trainFrom, window.trainTo - config.selection.lookback);
  const dailyValues = traded === undefined ? null : meanTradedValues(
    traded.panel,
    symbols,
    timestampsS[firstRow],
    timestampsS[window.trainTo - 1],
  );
  return trail.record({
    step: "selection",
    context: { mode: config.selection.mode, window: window.index },
    inputs: {
      returns: returns.hash,
      ...traded === undefined ? {} : { traded_values: traded.sha256 },
    },
    run: async () => {
      const { selection } = await selectWindow(
        { from: window.trainFrom, to: window.trainTo },
        returns,
        settingsOf(config, periodsPerYear),
        { annualFriction, dailyValues, liquidValue },
      );
      return { window, selection };
    },
    outputs: ({ selection }) => ({
      symbols: selection?.winners.map(({ symbol }) => symbol) ?? [],
      decisions: sha256Hex(JSON.stringify(selection ?? null)),
    }),
  });
}

function recordBaseline(
  { trail, config }: ProductionContext,
  returns: SharedValue<Panel>,
): Promise<readonly string[]> {
  return trail.record({
    step: "selection",
    context: { mode: config.selection.mode },
    inputs: { returns: returns.hash },
    run: () => returns.value.symbols,
    outputs: (symbols) => ({ symbols }),
  });
}

function settingsOf(
  { selection, risk }: ProductionConfig,
  periodsPerYear: number,
): SelectionSettings {
  return {
    mode: selection.mode,
    lookback: selection.lookback,
    topN: selection.top_n,
    threshold: selection.threshold,
    minWinners: selection.min_winners,
    maxWinners: selection.max_winners,
    directions: selection.directions,
    periodsPerYear,
    clustering: {
      lookbacks: risk.cluster_lookbacks,
      cutHeight: risk.cluster_cut,
      maxClusters: risk.max_clusters,
    },
  };
}

function universeOf(
  { synthesis }: ProductionConfig,
  panel: Panel,
  decision: SelectionDecision | undefined,
): Universe {
  const winners: readonly AtomAsset[] = decision === undefined
    ? panel.symbols.map((symbol, column) => ({ symbol, column, direction: "LONG" }))
    : (decision.selection?.winners ?? []).map(({ index, symbol, direction }) => ({
      symbol,
      column: index,
      direction,
    }));
  if (synthesis.enabled) {
    return { type: "atoms", atoms: makeAtoms(winners, synthesis.logics, synthesis.timescales) };
  }
  if (decision === undefined) return ALL;
  return { type: "columns", columns: Int32Array.from(winners, ({ column }) => column) };
}

function describe(
  { selection: { mode } }: ProductionConfig,
  { universes, decisions }: SelectedWindows,
  symbols: number,
): string {
  const counts = decisions.map(({ selection }) => selection?.winners.length ?? 0);
  const chosen = counts.length === 0
    ? `${symbols}`
    : `${Math.min(...counts)} to ${Math.max(...counts)}`;
  const atoms = universes.map((universe) => universe.type === "atoms" ? universe.atoms.length : 0);
  const most = Math.max(...atoms);
  return `${chosen} of ${symbols} symbols, ${mode}${most > 0 ? `; up to ${most} atoms` : ""}`;
}
