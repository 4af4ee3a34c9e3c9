import type { Rng } from "../../../../src/base/rng.ts";

/** What goes wrong, and with what. */
export type FaultType =
  | "executor killed"
  | "executor paused"
  | "daemon killed"
  | "daemon paused"
  | "host killed"
  | "host cut off"
  | "host slowed"
  | "host filled"
  | "tunnel killed"
  | "head killed"
  | "head paused"
  | "store killed"
  | "store paused";

/** A fault to come. */
export interface Fault {
  readonly type: FaultType;
  /** Which of the machines, modulo their number; faults of head and store have none. */
  readonly machine: number;
  /** Which of its processes, modulo their number. */
  readonly pick: number;
  /** After the fault before. */
  readonly afterMs: number;
  /** Until what was paused, cut off, slowed or filled is well again, and what was killed is there again. */
  readonly lengthMs: number;
}

/** How often each kind comes, relative to the others: what costs a machine, or a new head, takes long to heal. */
const WEIGHTS: Readonly<Record<FaultType, number>> = {
  "executor killed": 4,
  "executor paused": 3,
  "daemon killed": 2,
  "daemon paused": 3,
  "host killed": 1,
  "host cut off": 2,
  "host slowed": 3,
  "host filled": 2,
  "tunnel killed": 3,
  "head killed": 2,
  "head paused": 2,
  "store killed": 2,
  "store paused": 2,
};
const TYPES = Object.keys(WEIGHTS) as FaultType[];
const MAX_AFTER_MS = 2_000;
const MIN_LENGTH_MS = 200;
const MAX_LENGTH_MS = 4_000;

/** Faults without end: each of a kind that was not yet, before any comes again; then by their weights.
 * @param rng tells all of it, so that a seed tells a schedule
 * @param without kinds that do not come */
export function* planFaults(
  rng: Rng,
  without: readonly FaultType[] = [],
): Generator<Fault, never> {
  const types = TYPES.filter((type) => !without.includes(type));
  const first = shuffled(types, rng);
  for (let k = 0;; k++) {
    yield {
      type: k < first.length ? first[k] : weighted(types, rng),
      machine: Math.floor(rng.next() * 1_000),
      pick: Math.floor(rng.next() * 1_000),
      afterMs: Math.floor(rng.next() * MAX_AFTER_MS),
      lengthMs: MIN_LENGTH_MS + Math.floor(rng.next() * (MAX_LENGTH_MS - MIN_LENGTH_MS)),
    };
  }
}

function weighted(types: readonly FaultType[], rng: Rng): FaultType {
  const total = types.reduce((sum, type) => sum + WEIGHTS[type], 0);
  let at = rng.next() * total;
  return types.find((type) => (at -= WEIGHTS[type]) < 0) ?? types[0];
}

function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  return items.map((item) => ({ item, at: rng.next() })).sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
