/** A seeded generator of uniform numbers: the same seed gives the same sequence on every machine. */
export interface Rng {
  /** A number in [0, 1) with 32 random bits. */
  next(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** A draw from the standard normal distribution. */
  normal(): number;
}

/** Makes an {@linkcode Rng} by sfc32. Source: Doty-Humphrey, PractRand, "sfc" (small fast counting).
 * @param seed any integer; its lowest 32 bits count */
export function createRng(seed: number): Rng {
  let a = seed | 0, b = 0x9e3779b9 | 0, c = 0x243f6a88 | 0, counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let warmUp = 0; warmUp < 15; warmUp++) next();
  const normal = (): number => {
    // Box–Muller; 1 - next() keeps the logarithm's argument above zero.
    return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  };
  return { next, below: (bound) => Math.floor(next() * bound), normal };
}
