/** A kind of task that waits for a worker, and how many there are. */
export interface WaitingTasks {
  /** Amounts by name, such as `cpus`. */
  readonly resources: Readonly<Record<string, number>>;
  readonly taskCount: number;
}

/** What there is to do, as the head sees it at one moment. */
export interface Load {
  readonly waiting: readonly WaitingTasks[];
  /** For how long the first of them waits. */
  readonly queueAgeMs: number;
  /** Workers that run something now. */
  readonly busyWorkers: number;
  /** What each worker has; undefined while none is known. */
  readonly capacity: Readonly<Record<string, number>> | undefined;
}

/** What waits no longer than that needs nobody else: those that are there will have it soon. */
const PATIENCE_MS = 10_000;
/** Workers that were needed are kept for so long after that. */
const KEPT_MS = 300_000;

/** How many workers the load needs, were all of them alike: the busy ones, and as many as what waits fills, by the
 * resource of which it needs most. What no worker could ever hold calls for none. */
export function neededWorkers({ waiting, queueAgeMs, busyWorkers, capacity }: Load): number {
  if (queueAgeMs < PATIENCE_MS) return busyWorkers;
  if (capacity === undefined) return busyWorkers + (waiting.length > 0 ? 1 : 0);
  const sums = new Map<string, number>();
  for (const { resources, taskCount } of waiting) {
    const amounts = Object.entries(resources);
    if (amounts.some(([name, amount]) => amount > (capacity[name] ?? 0))) continue;
    for (const [name, amount] of amounts) {
      sums.set(name, (sums.get(name) ?? 0) + amount * taskCount);
    }
  }
  const more = [...sums].map(([name, sum]) => Math.ceil(sum / capacity[name]));
  return busyWorkers + Math.max(0, ...more);
}

/** How many workers were needed, and when. */
export interface Need {
  readonly atMs: number;
  readonly workers: number;
}

/** The needs that still count: those which no later one exceeds, of the last five minutes.
 * @param before what this function gave before */
export function rememberNeed(before: readonly Need[], need: Need): readonly Need[] {
  const kept = before.filter(({ atMs, workers }) =>
    need.atMs - atMs < KEPT_MS && workers > need.workers
  );
  return [...kept, need];
}

/** What scaling goes by. */
export interface Demand {
  /** Workers that the last command asked for. */
  readonly asked: number;
  /** Workers that are kept without work. */
  readonly min: number;
  /** Never more. */
  readonly max: number;
  readonly needs: readonly Need[];
  /** Since when no task waits or runs; undefined: there are some. */
  readonly idleSinceMs: number | undefined;
  /** So long after the last task the surplus ends; 0: never. */
  readonly autostopMs: number;
}

/** Whether there was nothing to do for the whole time after which the surplus ends. */
export function isIdle(
  { idleSinceMs, autostopMs }: Pick<Demand, "idleSinceMs" | "autostopMs">,
  nowMs: number,
): boolean {
  return autostopMs > 0 && idleSinceMs !== undefined && nowMs - idleSinceMs >= autostopMs;
}

/** How many workers there shall be: those that were asked for while there is work and for a while after it, and more
 * when it needs more; then the least. As soon as there is work, all again. */
export function targetWorkers(
  { asked, min, max, needs, idleSinceMs, autostopMs }: Demand,
  nowMs: number,
): number {
  if (isIdle({ idleSinceMs, autostopMs }, nowMs)) return Math.min(asked, min);
  return Math.min(max, Math.max(asked, ...needs.map(({ workers }) => workers)));
}
