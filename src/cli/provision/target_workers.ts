/** What scaling goes by. */
export interface Demand {
  /** Workers that the last command asked for. */
  readonly asked: number;
  /** Workers that are kept without work. */
  readonly min: number;
  /** Since when no task waits or runs; undefined: there are some. */
  readonly idleSinceMs: number | undefined;
  /** So long after the last task the surplus ends; 0: never. */
  readonly autostopMs: number;
}

/** How many workers there shall be: those that were asked for while there is work and for a while after it, then the
 * least; as soon as there is work, all again. */
export function targetWorkers(
  { asked, min, idleSinceMs, autostopMs }: Demand,
  nowMs: number,
): number {
  const isIdle = autostopMs > 0 && idleSinceMs !== undefined && nowMs - idleSinceMs >= autostopMs;
  return isIdle ? Math.min(asked, min) : asked;
}
