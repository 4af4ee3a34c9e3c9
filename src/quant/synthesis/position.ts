import { assertNever } from "../../base/errors.ts";
import type { Panel } from "../panel.ts";
import type { Atom } from "./atom.ts";

/** Far above the rounding of a product of many returns, far below the move of any price. */
const ROUNDING = 1e-12;

/** The position that an atom holds while row `row` earns its return: decided from the `timescale` rows before it, and
 * from nothing else, so that it is the same in training, in a test, and live. SHORT has the opposite sign.
 * @param row 0 … T: T is the position after the last row that is known
 * @returns −1, 0 or 1; 0 while one of these rows is missing or before the first one of the panel */
export function atomPosition(panel: Panel, atom: Atom, row: number): number {
  const signal = signalBefore(panel, atom, row);
  // Not −0: positions are written into files.
  return signal === 0 ? 0 : atom.direction === "SHORT" ? -signal : signal;
}

/** The return that an atom earns on a row: its position times the asset's return.
 * @returns NaN where the asset has none and a position is held */
export function atomReturn(panel: Panel, atom: Atom, row: number): number {
  const position = atomPosition(panel, atom, row);
  return position === 0 ? 0 : position * panel.values[row * panel.symbols.length + atom.column];
}

function signalBefore(panel: Panel, { logic, column, timescale }: Atom, row: number): number {
  if (row < timescale) return 0;
  const N = panel.symbols.length;
  const from = (row - timescale) * N + column;
  // Prices at the end of each row, as multiples of the first of them: a walk without an array, since this runs for
  // every atom on every row of every window.
  let price = 1, priceSum = 1, returnSum = 0;
  for (let k = 0, at = from; k < timescale; k++, at += N) {
    const value = panel.values[at];
    if (Number.isNaN(value)) return 0;
    returnSum += value;
    if (k === 0) continue;
    price *= 1 + value;
    priceSum += price;
  }
  switch (logic) {
    case "momentum":
      return signOf((1 + panel.values[from]) * price - 1);
    case "reversion":
      return -signOf(price - priceSum / timescale);
    case "trend":
      return Math.max(0, signOf(returnSum));
    case "raw":
      return 1;
    default:
      return assertNever(logic);
  }
}

/** The sign of what is more than rounding: a price that is back where it was has moved by 0. */
function signOf(value: number): number {
  return Math.abs(value) <= ROUNDING ? 0 : Math.sign(value);
}
