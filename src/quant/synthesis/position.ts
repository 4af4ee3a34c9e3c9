import { assertNever } from "../../base/errors.ts";
import type { Panel } from "../panel.ts";
import type { Atom, Logic } from "./atom.ts";

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
  const recent = new Float64Array(timescale);
  for (let k = 0; k < timescale; k++) {
    recent[k] = panel.values[(row - timescale + k) * N + column];
    if (Number.isNaN(recent[k])) return 0;
  }
  return signalOf(logic, recent);
}

function signalOf(logic: Logic, recent: Float64Array): number {
  switch (logic) {
    case "momentum":
      return Math.sign(growth(recent) - 1);
    case "reversion":
      return -Math.sign(growth(recent.subarray(1)) - meanGrowth(recent));
    case "trend":
      return recent.reduce((sum, value) => sum + value, 0) > 0 ? 1 : 0;
    case "raw":
      return 1;
    default:
      return assertNever(logic);
  }
}

function growth(returns: Float64Array): number {
  return returns.reduce((wealth, value) => wealth * (1 + value), 1);
}

/** The mean of the prices at the end of each row, as multiples of the first of them. */
function meanGrowth(returns: Float64Array): number {
  let price = 1, sum = 1;
  for (let k = 1; k < returns.length; k++) {
    price *= 1 + returns[k];
    sum += price;
  }
  return sum / returns.length;
}
