import { countsByState } from "../../cluster/scheduler/mod.ts";
import { errorMessage } from "../../src/base/errors.ts";
import { drawProfile, type Profile } from "./profile.ts";
import { CallLedger } from "./call_ledger.ts";
import { SimClient } from "./sim_client.ts";
import { SimHead } from "./sim_head.ts";
import { SimWorker } from "./sim_worker.ts";
import { World } from "./world.ts";

/** What a run of the simulation came to. */
export interface SimulationSummary {
  readonly steps: number;
  readonly tasks: number;
  readonly virtualMs: number;
}

const HOUR_MS = 3_600_000;

/** Once the faults stopped everything has to end within so much virtual time. */
const SETTLE_MS = 1_200_000;

/** More than happens at one moment in the largest cluster; a deadline that does not go away makes more. */
const MAX_STANDING_STEPS = 100_000;

/** Runs one simulated cluster to its end.
 * @throws {Error} naming the seed and what went wrong: a broken invariant of the scheduler, a task that was lost or
 * committed twice, a run that does not end, or memory that is left */
export function simulate(seed: number): SimulationSummary {
  const world = new World(seed);
  const profile = drawProfile(world);
  try {
    return run(world, profile);
  } catch (error) {
    throw new Error(
      `Simulation ${seed} failed at ${world.nowMs.toFixed(3)} ms (TV_SIM_SEED=${seed}): ` +
        `${errorMessage(error)}\n${JSON.stringify(profile)}`,
      { cause: error },
    );
  }
}

function run(world: World, profile: Profile): SimulationSummary {
  const ledger = new CallLedger();
  const head = new SimHead(world, profile, ledger);
  const workers = Array.from(
    { length: profile.workers },
    (_, i) => drawWorker(world, profile, head, ledger, i),
  );
  const clients = Array.from(
    { length: profile.clients },
    (_, i) => new SimClient(world, profile, head, `c${i}`),
  );
  scheduleFaults(world, profile, head, workers, clients);
  advanceUntil(
    world,
    profile,
    "a task is lost: not every client was told every outcome",
    () => world.nowMs >= profile.faultsEndMs && clients.every((client) => client.isDone),
  );
  const tasks = clients.reduce((sum, client) => sum + client.specs.size, 0);
  for (const client of clients) client.leave(true);
  advanceUntil(
    world,
    profile,
    "something is left when all clients are gone",
    () => isEmpty(head) && workers.every((worker) => worker.isIdle),
  );
  return { steps: head.steps, tasks, virtualMs: world.nowMs };
}

/** The first worker holds every shape, and is not drained: what is submitted can end. */
function drawWorker(
  world: World,
  profile: Profile,
  head: SimHead,
  ledger: CallLedger,
  index: number,
): SimWorker {
  const cpus = index === 0 ? 4 : 1 + world.rng.below(4);
  const capacity = {
    cpus,
    memory: index === 0 ? 8 : world.pick([0, 8]),
    fast: index === 0 ? 1 : world.rng.below(2),
    // Actors have resources of their own: as they keep them, tasks might wait for them for ever.
    seats: index === 0 ? 100 : world.rng.below(3),
  };
  const speed = index > 0 && world.chance(profile.slowChance) ? 20 : 1;
  const isSpot = world.chance(0.3);
  return new SimWorker(world, profile, head, `w${index}`, capacity, speed, ledger, isSpot);
}

function scheduleFaults(
  world: World,
  profile: Profile,
  head: SimHead,
  workers: readonly SimWorker[],
  clients: readonly SimClient[],
): void {
  const repeat = (everyMs: number, fault: () => void): void => {
    if (everyMs === Infinity) return;
    world.after(-Math.log(1 - world.rng.next()) * everyMs, () => {
      if (world.nowMs >= profile.faultsEndMs) return;
      fault();
      repeat(everyMs, fault);
    });
  };
  repeat(profile.disconnectEveryMs, () => world.pick([...workers, ...clients]).connection?.close());
  repeat(profile.stallEveryMs, () => {
    const ends = world.pick([["head"], ["peer"], ["head", "peer"]] as const);
    world.pick([...workers, ...clients]).connection?.stall(world.between(100, 20_000), ends);
  });
  repeat(profile.partitionEveryMs, () => {
    const lastsMs = world.between(100, 20_000);
    for (const { connection } of [...workers, ...clients]) {
      if (connection === undefined || world.chance(0.5)) continue;
      connection.stall(lastsMs);
      world.after(lastsMs, () => connection.close());
    }
  });
  repeat(profile.clockJumpEveryMs, () => {
    const limitMs = world.pick([2_000, 30_000, 5 * HOUR_MS]);
    head.setClock(world.between(-limitMs, limitMs));
  });
  repeat(
    profile.memoryPressureEveryMs,
    () => world.pick(workers).press(world.between(10, 5_000)),
  );
  repeat(profile.objectLossEveryMs, () => world.pick(workers).lose());
  repeat(profile.crashEveryMs, () => {
    const worker = world.pick(workers);
    if (!worker.isStopped) worker.crash(world.chance(0.5));
  });
  repeat(profile.drainEveryMs, () => {
    const index = world.rng.below(workers.length);
    if (index > 0) head.drainWorker(workers[index].workerId, world.between(0, 5_000));
  });
  repeat(profile.headCrashEveryMs, () => head.crashInNextStep());
}

function advanceUntil(
  world: World,
  profile: Profile,
  complaint: string,
  isReached: () => boolean,
): void {
  let standingMs = world.nowMs;
  let standingSteps = 0;
  while (!isReached()) {
    if (world.nowMs > profile.faultsEndMs + SETTLE_MS) throw new Error(complaint);
    world.advance();
    standingSteps = world.nowMs > standingMs ? 0 : standingSteps + 1;
    standingMs = world.nowMs;
    if (standingSteps > MAX_STANDING_STEPS) throw new Error("time stands still");
  }
}

function isEmpty(head: SimHead): boolean {
  const { state, store } = head;
  if (!head.isUp || store.size > 0 || state.tasks.size > 0) return false;
  const counts = Object.values(countsByState(state));
  const workers = [...state.workers.values()];
  return counts.every((count) => count === 0) && state.timers.size === 0 &&
    state.queuedShapes.size === 0 && state.runs.size === 0 && state.keys.size === 0 &&
    state.actors.size + state.actorNames.size === 0 && state.reservationCount === 0 &&
    state.directory.objects.size === 0 && state.directory.byClient.size === 0 &&
    state.directory.lineageSize === 0 && head.pins.size === 0 &&
    state.shapes.size <= state.limits.maxIdleShapes &&
    workers.every((worker) =>
      worker.admitted.size + worker.backlog.size + worker.calls.size === 0 &&
      worker.shortCounts.size === 0 &&
      worker.backlogMs === 0
    );
}
