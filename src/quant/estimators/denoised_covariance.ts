import type { Matrix } from "../matrix.ts";
import type { ReturnsWindow } from "./returns_window.ts";
import { sampleCovariance } from "./sample_covariance.ts";
import { symmetricEigen } from "./symmetric_eigen.ts";

/** A covariance without the part of its spectrum that noise alone explains. */
export interface DenoisedCovariance {
  /** N × N per period, not annualised. */
  readonly covariance: Matrix;
  /** Eigenvalues of the correlation above the noise's largest: what was kept as it is. */
  readonly factors: number;
  /** The fitted variance of the noise, a share of 1. */
  readonly noiseVariance: number;
}

/** Standard deviation of the Gaussian kernel over eigenvalues, as in the source's code. */
const BANDWIDTH = 0.01;
/** Points of the densities that are compared, and noise variances that are tried before the best is refined. */
const POINTS = 1000;
const CANDIDATES = 100;
const REFINEMENTS = 40;
/** Kernels further away than this many bandwidths count as zero. */
const REACH = 9;

/** The sample covariance with the eigenvalues of its correlation that lie within the Marchenko–Pastur band replaced
 * by their mean. The noise's variance is fitted by least squares between the band's density and a kernel density of
 * the eigenvalues (Gaussian, bandwidth 0.01) on 1,000 points, by a search over (0, 1). Variances stay the sample's.
 * @returns positive semidefinite; an asset without variance has none, and no correlation
 * @throws {RangeError} for a window that cannot be estimated from (see {@linkcode ReturnsWindow})
 * Source: López de Prado (2020), "Machine learning for asset managers", sections 2.4 to 2.5.1 (constant residual
 * eigenvalue). The source refines from 0.5 alone, which can end in another local minimum. */
export function denoisedCovariance(window: ReturnsWindow): DenoisedCovariance {
  const { data, rows: N } = sampleCovariance(window);
  const deviations = Float64Array.from({ length: N }, (_, i) => Math.sqrt(data[i * N + i]));
  const correlation = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      const scale = deviations[i] * deviations[j];
      correlation[i * N + j] = i === j ? 1 : scale > 0 ? data[i * N + j] / scale : 0;
    }
  }
  const { values, vectors } = symmetricEigen({ rows: N, cols: N, data: correlation });
  const ratio = window.T / N;
  const noiseVariance = fitNoise(values, ratio);
  const edge = noiseVariance * (1 + 1 / Math.sqrt(ratio)) ** 2;
  const noisy = values.filter((value) => value < edge).length;
  const kept = flatten(values, noisy);
  const rebuilt = recompose(kept, vectors.data, N);
  const covariance = rebuilt.map((value, k) => {
    const i = Math.floor(k / N), j = k % N;
    const norm = Math.sqrt(rebuilt[i * N + i] * rebuilt[j * N + j]);
    return norm > 0 ? value / norm * deviations[i] * deviations[j] : 0;
  });
  return { covariance: { rows: N, cols: N, data: covariance }, factors: N - noisy, noiseVariance };
}

/** The mean in place of the lowest `noisy` eigenvalues. */
function flatten(values: Float64Array, noisy: number): Float64Array {
  let sum = 0;
  for (let k = 0; k < noisy; k++) sum += values[k];
  const mean = Math.max(0, sum / noisy);
  return values.map((value, k) => k < noisy ? mean : value);
}

/** Σ value·v·vᵀ, symmetric to the bit. The lowest value, shared by most, is taken out first. */
function recompose(values: Float64Array, vectors: Float64Array, N: number): Float64Array {
  const base = values[0];
  const matrix = new Float64Array(N * N);
  for (let k = 0; k < N; k++) {
    const excess = values[k] - base;
    if (excess === 0) continue;
    for (let i = 0; i < N; i++) {
      const scaled = excess * vectors[k * N + i];
      for (let j = 0; j <= i; j++) matrix[i * N + j] += scaled * vectors[k * N + j];
    }
  }
  for (let i = 0; i < N; i++) {
    matrix[i * N + i] += base;
    for (let j = 0; j < i; j++) matrix[j * N + i] = matrix[i * N + j];
  }
  return matrix;
}

/** The variance in (0, 1) whose Marchenko–Pastur density is nearest to the eigenvalues'. */
function fitNoise(values: Float64Array, ratio: number): number {
  const error = (variance: number) => densityError(values, ratio, variance);
  let best = 0, least = Infinity;
  for (let k = 1; k < CANDIDATES; k++) {
    const found = error(k / CANDIDATES);
    if (found < least) {
      least = found;
      best = k / CANDIDATES;
    }
  }
  let low = best - 1 / CANDIDATES, high = best + 1 / CANDIDATES;
  for (let k = 0; k < REFINEMENTS; k++) {
    const third = (high - low) / 3;
    if (error(low + third) <= error(high - third)) high -= third;
    else low += third;
  }
  return (low + high) / 2;
}

function densityError(values: Float64Array, ratio: number, variance: number): number {
  const root = Math.sqrt(1 / ratio);
  const low = variance * (1 - root) ** 2, high = variance * (1 + root) ** 2;
  const spacing = (high - low) / (POINTS - 1);
  const scale = 1 / (values.length * BANDWIDTH * Math.sqrt(2 * Math.PI));
  let from = 0, sum = 0;
  for (let p = 0; p < POINTS; p++) {
    const x = low + p * spacing;
    const noise = x > 0
      ? ratio / (2 * Math.PI * variance * x) * Math.sqrt(Math.max(0, (high - x) * (x - low)))
      : 0;
    while (from < values.length && values[from] < x - REACH * BANDWIDTH) from++;
    let kernel = 0;
    for (let k = from; k < values.length && values[k] <= x + REACH * BANDWIDTH; k++) {
      kernel += Math.exp(-0.5 * ((values[k] - x) / BANDWIDTH) ** 2);
    }
    sum += (noise - scale * kernel) ** 2;
  }
  return sum;
}
