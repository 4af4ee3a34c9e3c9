import type { Panel } from "../panel.ts";

/** Compounds the returns of all rows up to and with each session into one: so a mixed universe trades
 * on the sessions of its exchange, and a weekend of crypto is part of Monday's return. Nothing is
 * filled with zeros, and wealth is what it was.
 *
 * A session's return is NaN where all its rows are; NaN rows beside others count as unmoved. Rows
 * after the last session are left out: their session is still to come.
 * @param returns T × N simple returns as fractions
 * @param sessionRows rows that stay, strictly rising; each carries its own timestamp
 * @returns as many rows as `sessionRows`
 * @throws {RangeError} if a session row is not within the returns or does not rise */
export function compoundToSessions(returns: Panel, sessionRows: ArrayLike<number>): Panel {
  const { timestampsS, symbols, values } = returns;
  const rows = timestampsS.length;
  const cols = symbols.length;
  const compounded = new Float64Array(sessionRows.length * cols);
  const sessionTimestampsS = new Float64Array(sessionRows.length);
  let from = 0;
  for (let session = 0; session < sessionRows.length; session++) {
    const to = sessionRows[session];
    if (!(Number.isInteger(to) && to >= from && to < rows)) {
      throw new RangeError(
        `Cannot compound to sessions: session ${session} must be a row from ${from} on and ` +
          `before ${rows}: current value is ${to}`,
      );
    }
    sessionTimestampsS[session] = timestampsS[to];
    for (let col = 0; col < cols; col++) {
      compounded[session * cols + col] = compoundColumn(values, cols, col, from, to);
    }
    from = to + 1;
  }
  return { timestampsS: sessionTimestampsS, symbols, values: compounded };
}

/** Π(1 + r) − 1 over rows `from` to `to` of a column; a single return as it is, to the bit. */
function compoundColumn(
  values: Float64Array,
  cols: number,
  col: number,
  from: number,
  to: number,
): number {
  if (from === to) return values[from * cols + col];
  let growth = NaN;
  for (let row = from; row <= to; row++) {
    const simpleReturn = values[row * cols + col];
    if (Number.isNaN(simpleReturn)) continue;
    growth = (Number.isNaN(growth) ? 1 : growth) * (1 + simpleReturn);
  }
  return growth - 1;
}
