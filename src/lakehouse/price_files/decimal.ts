const ZERO = 0x30, POINT = 0x2e, PLUS = 0x2b, MINUS = 0x2d;
/** Above this an integer times ten and one digit more may lose its exactness. */
const MAX_EXACT_MANTISSA = (2 ** 53 - 10) / 10;
/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const MAX_CHARACTERS = 400;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** The double that the ASCII digits of `bytes[start..end)` mean, correctly rounded.
 * @returns NaN for no bytes and for `NaN`, ±Infinity for `inf` and `Infinity`, undefined for what is no number
 * Source of the fast path: Clinger (1990), "How to Read Floating Point Numbers Accurately": an exact integer divided
 * by an exact power of ten is rounded once. */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start === end) return NaN;
  let position = start, mantissa = 0, pointAt = -1;
  const negative = bytes[position] === MINUS;
  if (negative || bytes[position] === PLUS) position++;
  const firstDigit = position;
  for (; position < end; position++) {
    const digit = bytes[position] - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (mantissa > MAX_EXACT_MANTISSA) return parseSlowly(bytes, start, end);
      mantissa = mantissa * 10 + digit;
    } else if (bytes[position] === POINT && pointAt < 0) {
      pointAt = position;
    } else {
      return parseSlowly(bytes, start, end);
    }
  }
  const decimals = pointAt < 0 ? 0 : end - pointAt - 1;
  const digits = end - firstDigit - (pointAt < 0 ? 0 : 1);
  if (digits === 0 || decimals >= POWERS_OF_TEN.length) return parseSlowly(bytes, start, end);
  const magnitude = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals];
  return negative ? -magnitude : magnitude;
}

function parseSlowly(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > MAX_CHARACTERS) return undefined;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  if (DECIMAL.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return NaN;
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  return undefined;
}
