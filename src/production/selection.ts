import { writeFileAtomic } from "../base/atomic_file.ts";
import { sha256Hex } from "../base/hash.ts";
import type { SharedValue } from "../flow/mod.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import { periodsPerYear as yearlyPeriods } from "../quant/calendars/periods_per_year.ts";
import type { CalendarId } from "../quant/calendars/session_calendar.ts";
import type { Panel } from "../quant/panel.ts";
import { meanTradedValues } from "../quant/selection/mean_traded_values.ts";
import type { Selection, SelectionSettings } from "../quant/selection/selection.ts";
import { type AtomAsset, makeAtoms } from "../quant/synthesis/atom.ts";
import type { WalkForwardWindow } from "../quant/walk_forward/walk_forward_windows.ts";
import { clusteringSettings } from "./clustering.ts";
import type { ProductionContext } from "./context.ts";
import { ANY } from "./grid.ts";
import { selectionAudit } from "./selection_audit.ts";
import { type SymbolRules, symbolRules } from "./symbol_rules.ts";
import { selectWindow } from "./tasks/select_window.ts";
import { ALL, type Universe } from "./tasks/window_assets.ts";
import { readTraded, type Traded } from "./traded_values.ts";

/** What was selected for the windows, by mode. */
export interface SelectedWindows {
  /** One universe a window, in their order; `any` of the grid is every symbol. */
  readonly universes: Universes;
  /** The decisions that were taken, by the window that they were taken for; of the modes that choose. */
  readonly decisions: ReadonlyMap<SelectionMode, readonly SelectionDecision[]>;
}

/** Universes by mode of selection, one a window. */
export type Universes = ReadonlyMap<string, readonly Universe[]>;

/** A selection and the window from whose training rows it was made. */
export interface SelectionDecision {
  readonly window: WalkForwardWindow;
  /** Undefined when no symbol had a return on every training row. */
  readonly selection: Selection | undefined;
}

/** One of `selection.modes`. */
export type SelectionMode = ProductionConfig["selection"]["modes"][number];

/** What each window may hold, for every mode of the configuration: all symbols, those that win by its training rows, or
 * atoms on either. Writes the audit of the selections into the run's folder. */
export function select(
  context: ProductionContext,
  windows: readonly WalkForwardWindow[],
  returns: SharedValue<Panel>,
  periodsPerYear: number,
  calendar: CalendarId,
): Promise<SelectedWindows> {
  const { stages, config, run } = context;
  const { modes, refresh } = config.selection;
  const choosing = modes.filter((mode) => mode !== "baseline" && (mode as string) !== ANY);
  const decided = refresh === "once" ? windows.slice(0, 1) : windows;
  return stages.run("selection", choosing.length * decided.length || undefined, async () => {
    const { symbols } = returns.value;
    const basis = {
      returns,
      periodsPerYear,
      traded: choosing.length === 0 ? undefined : await readTraded(context, symbols),
      liquidValue: LIQUID_VALUES[calendar],
      barsPerDay: periodsPerYear / yearlyPeriods(calendar, DAY_S),
      rules: symbolRules(context.source, symbols),
    };
    const decisions = new Map(
      await Promise.all(choosing.map(async (mode) =>
        [
          mode,
          await Promise.all(decided.map((window) => decide(context, mode, window, basis))),
        ] as const
      )),
    );
    if (modes.includes("baseline")) await recordBaseline(context, returns);
    const universes = new Map<string, readonly Universe[]>([[ANY, windows.map(() => ALL)]]);
    for (const mode of modes) {
      const chosen = decisions.get(mode);
      if ((mode as string) === ANY) continue;
      universes.set(
        mode,
        windows.map((_, i) =>
          universeOf(config, returns.value, chosen?.[Math.min(i, chosen.length - 1)])
        ),
      );
    }
    await writeFileAtomic(
      run.selectionAudit,
      selectionAudit(config.selection, decisions, returns.value),
    );
    return { universes, decisions };
  }, (selected) => describe(config, selected, returns.value.symbols.length));
}

const DAY_S = 86_400;

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
  readonly traded: Traded | undefined;
  readonly liquidValue: number;
  readonly barsPerDay: number;
  readonly rules: SymbolRules;
}

function decide(
  { trail, config }: ProductionContext,
  mode: SelectionMode,
  window: WalkForwardWindow,
  { returns, periodsPerYear, traded, liquidValue, barsPerDay, rules }: Basis,
): Promise<SelectionDecision> {
  const { symbols, timestampsS } = returns.value;
  const { slippage_bps, commission_bps, step } = config.backtest;
  const isRuled = config.execution.symbol_rules;
  // As if all were bought and sold once a window: who cannot earn that is not worth a place.
  const annualFrictions = rules.feesBps.map((fee) => {
    const feeBps = isRuled && !Number.isNaN(fee) ? fee : commission_bps;
    return 2 * (slippage_bps + feeBps) / 10_000 * periodsPerYear / step;
  });
  const firstRow = Math.max(window.trainFrom, window.trainTo - config.selection.lookback);
  const dailyValues = traded === undefined ? null : meanTradedValues(
    traded.panel,
    symbols,
    timestampsS[firstRow],
    timestampsS[window.trainTo - 1],
  ).map((value) => value * barsPerDay);
  return trail.record({
    step: "selection",
    context: { selection: mode, window: window.index },
    inputs: {
      returns: returns.hash,
      ...traded === undefined ? {} : { traded_values: traded.sha256 },
    },
    run: async () => {
      const { selection } = await selectWindow(
        { from: window.trainFrom, to: window.trainTo },
        returns,
        settingsOf(config, mode, periodsPerYear),
        {
          annualFrictions,
          dailyValues,
          liquidValue,
          identities: rules.identities,
          hasExecution: isRuled ? rules.hasExecution : symbols.map(() => null),
        },
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
  { trail }: ProductionContext,
  returns: SharedValue<Panel>,
): Promise<readonly string[]> {
  return trail.record({
    step: "selection",
    context: { selection: "baseline" },
    inputs: { returns: returns.hash },
    run: () => returns.value.symbols,
    outputs: (symbols) => ({ symbols }),
  });
}

function settingsOf(
  config: ProductionConfig,
  mode: SelectionMode,
  periodsPerYear: number,
): SelectionSettings {
  const { selection } = config;
  return {
    mode,
    lookback: selection.lookback,
    topN: selection.top_n,
    threshold: selection.threshold,
    minWinners: selection.min_winners,
    maxWinners: selection.max_winners,
    directions: selection.directions,
    periodsPerYear,
    clustering: clusteringSettings(config),
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
  { selection: { modes } }: ProductionConfig,
  { universes, decisions }: SelectedWindows,
  symbols: number,
): string {
  const parts = modes.map((mode) => {
    const counts = (decisions.get(mode) ?? []).map(({ selection }) =>
      selection?.winners.length ?? 0
    );
    const chosen = counts.length === 0
      ? `${symbols}`
      : `${Math.min(...counts)} to ${Math.max(...counts)}`;
    return `${chosen} of ${symbols} symbols, ${mode}`;
  });
  const atoms = [...universes.values()].flat().map((universe) =>
    universe.type === "atoms" ? universe.atoms.length : 0
  );
  const most = Math.max(...atoms);
  return `${parts.join("; ")}${most > 0 ? `; up to ${most} atoms` : ""}`;
}
