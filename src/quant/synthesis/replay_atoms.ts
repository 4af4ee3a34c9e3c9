import type { Panel } from "../panel.ts";
import type { Atom } from "./atom.ts";
import { atomPosition, atomReturn } from "./position.ts";

/** What atoms earn on rows [from, to): in training to optimise over, out of sample to judge by. The same numbers for the
 * same row, whatever the range around it.
 * @returns (to − from) × atoms simple returns, row after row
 * @throws {RangeError} for rows outside of the panel */
export function replayAtoms(
  panel: Panel,
  atoms: readonly Atom[],
  { from, to }: { readonly from: number; readonly to: number },
): Float64Array {
  if (!(from >= 0 && from <= to && to <= panel.timestampsS.length)) {
    throw new RangeError(
      `Cannot replay rows ${from} to ${to} of a panel with ${panel.timestampsS.length}`,
    );
  }
  const returns = new Float64Array((to - from) * atoms.length);
  for (let row = from, at = 0; row < to; row++) {
    for (const atom of atoms) returns[at++] = atomReturn(panel, atom, row);
  }
  return returns;
}

/** The assets' weights that weights of atoms come to on a row: Σ weight × position. They change from row to row as
 * positions do, and what offsets itself is not held.
 * @param weights one an atom, as fractions of wealth
 * @returns one an asset of the panel, negative for short
 * @throws {RangeError} if the lengths differ */
export function flattenAtoms(
  panel: Panel,
  atoms: readonly Atom[],
  weights: Float64Array,
  row: number,
): Float64Array {
  if (weights.length !== atoms.length) {
    throw new RangeError(
      `Cannot flatten ${weights.length} weights: there are ${atoms.length} atoms`,
    );
  }
  const flat = new Float64Array(panel.symbols.length);
  atoms.forEach((atom, k) => {
    if (weights[k] !== 0) flat[atom.column] += weights[k] * atomPosition(panel, atom, row);
  });
  return flat;
}
