/** For a cluster that was brought up. */
export function half(x: number): number {
  return x / 2;
}
