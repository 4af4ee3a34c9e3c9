import type { Panel } from "../../quant/panel.ts";
import type { ReturnsWindow } from "../../quant/estimators/returns_window.ts";
import type { Atom } from "../../quant/synthesis/atom.ts";
import { replayAtoms } from "../../quant/synthesis/replay_atoms.ts";

/** Rows of a panel: [from, to). */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** What a window may hold: every column of the panel, some of them, or atoms on them. */
export type Universe =
  | { readonly type: "all" }
  | { readonly type: "columns"; readonly columns: Int32Array }
  | { readonly type: "atoms"; readonly atoms: readonly Atom[] };

/** Every column. */
export const ALL: Universe = { type: "all" };

/** The part of a panel that a window can learn from. */
export interface TrainingWindow extends ReturnsWindow {
  /** What its columns are: columns of the panel, or with atoms their numbers. */
  readonly assets: Int32Array;
}

/** Cuts training rows out of a panel, with those of the universe that are complete in them: an asset that is not listed
 * yet waits, and so does an atom that was never held. Only those rows are looked at, and by atoms the rows before them
 * that their timescale covers. */
export function trainingWindow(
  panel: Panel,
  { from, to }: RowRange,
  universe: Universe = ALL,
): TrainingWindow {
  const T = to - from;
  if (universe.type === "atoms") {
    const values = replayAtoms(panel, universe.atoms, { from, to });
    const N = universe.atoms.length;
    const isHeld = new Uint8Array(N);
    for (let at = 0; at < values.length; at++) if (values[at] !== 0) isHeld[at % N] = 1;
    const assets = completeColumns(values, N).filter((column) => isHeld[column] === 1);
    return keepColumns(values, T, N, assets);
  }
  const N = panel.symbols.length;
  const values = panel.values.subarray(from * N, to * N);
  const complete = completeColumns(values, N);
  if (universe.type === "all") return keepColumns(values, T, N, complete);
  const wanted = new Set(universe.columns);
  return keepColumns(values, T, N, complete.filter((column) => wanted.has(column)));
}

function completeColumns(values: Float64Array, N: number): Int32Array {
  const isComplete = new Uint8Array(N).fill(1);
  for (let at = 0; at < values.length; at++) if (Number.isNaN(values[at])) isComplete[at % N] = 0;
  return Int32Array.from(isComplete.keys()).filter((column) => isComplete[column] === 1);
}

function keepColumns(
  values: Float64Array,
  T: number,
  N: number,
  assets: Int32Array,
): TrainingWindow {
  if (assets.length === N) return { values, T, N, assets };
  const kept = new Float64Array(T * assets.length);
  for (let row = 0, at = 0; row < T; row++) {
    for (const column of assets) kept[at++] = values[row * N + column];
  }
  return { values: kept, T, N: assets.length, assets };
}
