import type { InteriorPoint } from "./interior_point.ts";
import { groupCapCanBind, groupRoom, type WeightLimits } from "./weight_limits.ts";

/** The linear form Σ values·y[indices] + share·Σy. As a limit on w = y/Σy that any multiple of w keeps too, it is
 * to be >= 0. */
export interface ConeRow {
  /** The assets with a coefficient of their own. */
  readonly indices: readonly number[];
  /** Their coefficients. */
  readonly values: readonly number[];
  /** The coefficient of every asset, on top. */
  readonly share: number;
}

/** Limits as a cone: inequalities are rows >= 0, equalities rows = 0 (independent of one another). */
export interface Cone {
  /** Rows that are >= 0, and > 0 inside. */
  readonly inequalities: readonly ConeRow[];
  /** Rows that are 0. */
  readonly equalities: readonly ConeRow[];
}

/** The cone over feasible limits under which every asset has room. What is the same in all feasible portfolios
 * becomes an equality, so that the inequalities have an interior. */
export function limitCone(limits: WeightLimits, interior: InteriorPoint): Cone {
  const { n, lower, upper, labels, caps } = limits;
  const room = groupRoom(limits);
  const inequalities: ConeRow[] = [];
  const equalities: ConeRow[] = [];
  const members = Array.from(caps, (): number[] => []);
  let settled = 0;
  for (let i = 0; i < n; i++) {
    members[labels[i]].push(i);
    if (interior.fixed[i] === 1) {
      equalities.push({ indices: [i], values: [-1], share: interior.weights[i] });
      inequalities.push({ indices: [i], values: [1], share: 0 });
      settled += interior.tightGroups[labels[i]] === 1 ? 0 : 1;
      continue;
    }
    if (upper[i] < 1) inequalities.push({ indices: [i], values: [-1], share: upper[i] });
    inequalities.push({ indices: [i], values: [1], share: lower[i] > 0 ? -lower[i] : 0 });
  }
  members.forEach((assets, g) => {
    const row = { indices: assets, values: assets.map(() => -1), share: caps[g] };
    if (interior.tightGroups[g] === 1) {
      equalities.push(row);
      settled += assets.length;
    } else if (groupCapCanBind(limits, room, g) && assets.some((i) => interior.fixed[i] === 0)) {
      inequalities.push(row);
    }
  });
  // When the equalities settle every asset's or group's share, one of them follows from the others.
  if (settled === n) equalities.pop();
  return { inequalities, equalities };
}

/** The value of a row at y, whose sum is `total`. */
export function rowValue(row: ConeRow, y: Float64Array, total: number): number {
  let value = row.share * total;
  for (let k = 0; k < row.indices.length; k++) value += row.values[k] * y[row.indices[k]];
  return value;
}

/** Adds weight × the row's gradient to a vector. */
export function addRow(vector: Float64Array, row: ConeRow, weight: number): void {
  const share = weight * row.share;
  if (share !== 0) {
    for (let i = 0; i < vector.length; i++) vector[i] += share;
  }
  for (let k = 0; k < row.indices.length; k++) {
    vector[row.indices[k]] += weight * row.values[k];
  }
}

/** Adds Σ weight × gradient·gradientᵀ of all rows to an n × n matrix. O(n² + Σ members²). */
export function addRowProducts(
  matrix: Float64Array,
  n: number,
  rows: readonly ConeRow[],
  weights: Float64Array,
): void {
  const crossed = new Float64Array(n);
  let constant = 0;
  rows.forEach(({ indices, values, share }, k) => {
    constant += weights[k] * share * share;
    for (let a = 0; a < indices.length; a++) {
      const scaled = weights[k] * values[a];
      const row = indices[a] * n;
      crossed[indices[a]] += scaled * share;
      for (let b = 0; b < indices.length; b++) matrix[row + indices[b]] += scaled * values[b];
    }
  });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) matrix[i * n + j] += constant + crossed[i] + crossed[j];
  }
}
