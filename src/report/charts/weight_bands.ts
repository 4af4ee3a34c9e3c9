import { SERIES_COLOURS } from "./palette.ts";
import type { CandidateReport } from "../model/report_model.ts";

/** The weights of one symbol, or of all smaller ones together, over the windows. */
export interface WeightBand {
  /** The symbol, or how many symbols the band holds. */
  readonly label: string;
  /** Its place in the palette; `SERIES_COLOURS` for the smaller ones together. */
  readonly slot: number;
  /** One weight a window, as a fraction of wealth; a window without a solution has 0. */
  readonly values: readonly number[];
  /** The mean of the values. */
  readonly mean: number;
  /** The last of the values, 0 if there is none. */
  readonly last: number;
}

type Weights = CandidateReport["weights"];

/** The symbols with the largest mean absolute weight over all of the given weights: each gets its own place in the
 * palette, so that it has the same colour in every candidate's chart.
 * @returns at most `SERIES_COLOURS` symbols, largest first */
export function leadingSymbols(all: readonly Weights[]): readonly string[] {
  const sizes = new Map<string, number>();
  for (const weights of all) {
    meanSizes(weights).forEach((size, i) => {
      const symbol = weights.symbols[i] ?? "";
      sizes.set(symbol, (sizes.get(symbol) ?? 0) + size);
    });
  }
  return [...sizes].sort(([, a], [, b]) => b - a).slice(0, SERIES_COLOURS).map(([symbol]) =>
    symbol
  );
}

/** The bands of one candidate, largest mean absolute weight first and the rest last: its own leading symbols, those
 * of `shared` in their shared colour. Symbols that are never held are left out. */
export function weightBands(weights: Weights, shared: readonly string[]): readonly WeightBand[] {
  const held = meanSizes(weights).map((size, column) => ({ size, column }))
    .filter(({ size }) => size > 0).sort((a, b) => b.size - a.size);
  // A rest of one symbol is shown by its name.
  const ownCount = held.length === SERIES_COLOURS + 1
    ? SERIES_COLOURS
    : Math.min(held.length, SERIES_COLOURS);
  const own = held.slice(0, ownCount).map(({ column }) => column);
  const slots = assignSlots(own.map((column) => weights.symbols[column] ?? ""), shared);
  const bands = own.map((column, i) =>
    toBand(
      weights.symbols[column] ?? "",
      slots[i] ?? 0,
      weights.rows.map((row) => cell(row, column)),
    )
  );
  const rest = held.slice(ownCount).map(({ column }) => column);
  if (rest.length === 0) return bands;
  const sums = weights.rows.map((row) => rest.reduce((sum, column) => sum + cell(row, column), 0));
  return [...bands, toBand(`${rest.length} other`, SERIES_COLOURS, sums)];
}

function assignSlots(symbols: readonly string[], shared: readonly string[]): readonly number[] {
  const taken = new Set(
    symbols.map((symbol) => shared.indexOf(symbol)).filter((slot) => slot >= 0),
  );
  const free = Array.from({ length: SERIES_COLOURS }, (_, slot) => slot).filter((slot) =>
    !taken.has(slot)
  );
  return symbols.map((symbol) => {
    const slot = shared.indexOf(symbol);
    return slot >= 0 ? slot : free.shift() ?? SERIES_COLOURS;
  });
}

function toBand(label: string, slot: number, values: readonly number[]): WeightBand {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return { label, slot, values, mean, last: values.at(-1) ?? 0 };
}

function meanSizes(weights: Weights): number[] {
  const windows = Math.max(1, weights.rows.length);
  return weights.symbols.map((_, column) =>
    weights.rows.reduce((sum, row) => sum + Math.abs(cell(row, column)), 0) / windows
  );
}

function cell(row: readonly number[], column: number): number {
  const value = row[column];
  return value !== undefined && Number.isFinite(value) ? value : 0;
}
