import type { World } from "./world.ts";

/** How a simulated cluster is made and what goes wrong in it, drawn from the seed. Rates are mean times between two
 * such faults; Infinity for none. */
export interface Profile {
  readonly workers: number;
  readonly clients: number;
  readonly tasksPerClient: number;
  readonly actorsPerClient: number;
  readonly callsPerClient: number;
  readonly actorCrashChance: number;
  readonly meanTaskMs: number;
  readonly latencyMs: number;
  readonly faultsEndMs: number;
  readonly disconnectEveryMs: number;
  readonly crashEveryMs: number;
  /** A worker's file of an object is gone. */
  readonly objectLossEveryMs: number;
  readonly stallEveryMs: number;
  readonly drainEveryMs: number;
  readonly headCrashEveryMs: number;
  /** Some of all are cut off together, silently, and their connections break in the end. */
  readonly partitionEveryMs: number;
  /** The head's clock is set forward or back, by seconds or by hours. */
  readonly clockJumpEveryMs: number;
  readonly memoryPressureEveryMs: number;
  readonly duplicateChance: number;
  readonly failChance: number;
  readonly cancelChance: number;
  /** How often an attempt submits tasks and waits for them. */
  readonly childChance: number;
  /** Unfinished tasks that one may lead to. */
  readonly maxFamilySize: number;
  readonly leaveChance: number;
  readonly slowChance: number;
  /** How often a task has each of the unusual rules. */
  readonly ruleChance: number;
  /** How often a task names an idempotency key, and how many keys there are. */
  readonly keyChance: number;
  readonly keys: number;
  /** Whether what no worker could ever hold fails in the end; then some tasks are such. */
  readonly failUnschedulable: boolean;
  /** That a worker says that it prepares an attempt's code, and that it then cannot. */
  readonly prepareChance: number;
  /** Steps between two checks of the invariants. */
  readonly checkEvery: number;
}

const LARGE_EVERY = 50;

/** Draws a cluster: mostly a few workers and many faults, now and then hundreds of workers. */
export function drawProfile(world: World): Profile {
  const isLarge = world.seed % LARGE_EVERY === LARGE_EVERY - 1;
  const every = (lowMs: number, highMs: number, chance: number): number =>
    world.chance(chance) ? world.between(lowMs, highMs) : Infinity;
  const workers = isLarge ? 200 + world.rng.below(801) : 1 + world.rng.below(6);
  return {
    workers,
    clients: 1 + world.rng.below(3),
    tasksPerClient: isLarge ? 600 : 3 + world.rng.below(30),
    actorsPerClient: world.pick([0, 1, 2, 4]),
    callsPerClient: isLarge ? 300 : 3 + world.rng.below(60),
    actorCrashChance: world.pick([0, 0.02, 0.2]),
    meanTaskMs: world.pick([1, 10, 100, 1_000]),
    latencyMs: world.pick([0.5, 5, 50]),
    faultsEndMs: world.pick([2_000, 10_000, 30_000]),
    disconnectEveryMs: every(300, 5_000, 0.6),
    objectLossEveryMs: every(300, 5_000, 0.3),
    crashEveryMs: every(500, 8_000, 0.5),
    stallEveryMs: every(1_000, 10_000, 0.4),
    drainEveryMs: every(2_000, 10_000, 0.3),
    headCrashEveryMs: every(500, 8_000, 0.4),
    partitionEveryMs: every(2_000, 15_000, 0.3),
    clockJumpEveryMs: every(1_000, 10_000, 0.3),
    memoryPressureEveryMs: every(500, 8_000, 0.3),
    duplicateChance: world.pick([0, 0.05, 0.3]),
    failChance: world.pick([0, 0.1, 0.4]),
    cancelChance: world.pick([0, 0.1]),
    leaveChance: world.pick([0, 0.2]),
    slowChance: world.pick([0, 0.02]),
    ruleChance: world.pick([0, 0.1, 0.4]),
    keyChance: isLarge ? 0 : world.pick([0, 0, 0.2]),
    keys: 1 + world.rng.below(8),
    failUnschedulable: world.chance(0.3),
    prepareChance: world.pick([0, 0, 0.1]),
    checkEvery: isLarge ? 400 : 1,
    childChance: world.pick([0, 0.1, 0.3]),
    maxFamilySize: world.pick([3, 1_000]),
  };
}
