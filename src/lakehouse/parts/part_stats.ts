import type { Column } from "../columns.ts";
import type { ColumnStats } from "../snapshots/manifest.ts";

/** Text longer than this is no bound. */
const MAX_BOUND_CHARACTERS = 64;

/** What a manifest says of a column's values. */
export function statsOf({ dtype, values }: Column): ColumnStats {
  return dtype === "utf8" ? statsOfText(values) : statsOfNumbers(values);
}

function statsOfNumbers(values: Float64Array): ColumnStats {
  let min = Infinity, max = -Infinity, missing = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) missing++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return Number.isFinite(min) && Number.isFinite(max) ? [min, max, missing] : [null, null, missing];
}

function statsOfText(values: readonly (string | null)[]): ColumnStats {
  let min: string | null = null, max: string | null = null, missing = 0;
  for (const value of values) {
    if (value === null) {
      missing++;
      continue;
    }
    if (value.length > MAX_BOUND_CHARACTERS) return [null, null, values.filter(isMissing).length];
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
  }
  return [min, max, missing];
}

function isMissing(value: string | null): boolean {
  return value === null;
}
