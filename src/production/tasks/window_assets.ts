import type { Panel } from "../../quant/panel.ts";
import type { ReturnsWindow } from "../../quant/estimators/returns_window.ts";

/** Rows of a panel: [from, to). */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** The part of a panel that a window can learn from. */
export interface TrainingWindow extends ReturnsWindow {
  /** The columns of the panel that have a return on every row: an asset that is not listed yet waits. */
  readonly assets: Int32Array;
}

/** Cuts training rows out of a panel, with the assets that are complete in them; only those rows are looked at. */
export function trainingWindow(panel: Panel, { from, to }: RowRange): TrainingWindow {
  const N = panel.symbols.length;
  const rows = panel.values.subarray(from * N, to * N);
  const isComplete = new Uint8Array(N).fill(1);
  for (let at = 0; at < rows.length; at++) if (Number.isNaN(rows[at])) isComplete[at % N] = 0;
  const assets = Int32Array.from(panel.symbols.keys()).filter((column) => isComplete[column] === 1);
  const T = to - from;
  if (assets.length === N) return { values: rows, T, N, assets };
  const values = new Float64Array(T * assets.length);
  for (let row = 0, at = 0; row < T; row++) {
    for (const column of assets) values[at++] = rows[row * N + column];
  }
  return { values, T, N: assets.length, assets };
}
