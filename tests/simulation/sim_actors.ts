import type {
  EndReport,
  Resources,
  SchedulerCommand,
  TaskSpec,
} from "../../cluster/scheduler/types.ts";
import { callsIn, savesState, stateOf } from "./call_ledger.ts";
import type { CallLedger } from "./call_ledger.ts";
import type { Profile } from "./profile.ts";
import type { World } from "./world.ts";

type StartActor = Extract<SchedulerCommand, { type: "StartActor" }>;
type StartCall = Extract<SchedulerCommand, { type: "StartCall" }>;

/** What the instance of an actor needs of the daemon that runs it. */
export interface ActorSite {
  readonly world: World;
  readonly profile: Profile;
  readonly ledger: CallLedger;
  /** Runs something later, unless the daemon is gone by then. */
  readonly later: (delayMs: number, run: () => void) => void;
  readonly onReady: () => void;
  readonly onCallEnded: (
    call: StartCall,
    report: EndReport,
    checkpoint: SimCheckpoint | undefined,
  ) => void;
  /** Its process ended, after `onCallEnded` of nothing: the daemon asks for what is left. */
  readonly onCrashed: () => void;
}

/** A state that an instance said. */
export type SimCheckpoint = ReturnType<SimActor["checkpoint"]>;

/** The process of one actor: constructs the instance, then runs calls in the order in which they come, as many at once
 * as it may. What it has seen is its state. */
export class SimActor {
  isReady = false;
  /** It has ended: nothing that it was about to do happens. */
  isGone = false;
  readonly #start: StartActor;
  readonly #site: ActorSite;
  readonly #queue: StartCall[] = [];
  readonly #running = new Set<StartCall>();
  readonly #seen: string[];
  #sequence = 0;

  constructor(start: StartActor, site: ActorSite) {
    this.#start = start;
    this.#site = site;
    this.#seen = callsIn(start.checkpoint);
  }

  get savesState(): boolean {
    return savesState(this.#start.spec);
  }

  construct(): void {
    const { world } = this.#site;
    this.#later(world.between(1, 200), () => {
      this.isReady = true;
      this.#site.onReady();
    });
  }

  call(call: StartCall): void {
    this.#queue.push(call);
    this.#runNext();
  }

  /** Its state now. */
  checkpoint() {
    return {
      incarnation: this.#start.attemptId,
      sequence: this.#sequence++,
      value: stateOf(this.#seen),
    };
  }

  /** Ends it.
   * @returns what it had begun, and what it had not */
  end(): { readonly begun: readonly StartCall[]; readonly waiting: readonly StartCall[] } {
    this.isGone = true;
    return { begun: [...this.#running], waiting: this.#queue.splice(0) };
  }

  #runNext(): void {
    const { ledger, profile, world } = this.#site;
    while (this.#running.size < this.#start.maxConcurrency) {
      const call = this.#queue.shift();
      if (call === undefined) return;
      this.#running.add(call);
      ledger.begun(call.spec, call.attemptId);
      const durationMs = -Math.log(1 - world.rng.next()) * profile.meanTaskMs / 10;
      const crashes = world.chance(profile.actorCrashChance);
      this.#later(durationMs, () => {
        if (crashes) return this.#site.onCrashed();
        this.#running.delete(call);
        this.#seen.push(call.spec.taskId);
        const checkpoint = this.savesState ? this.checkpoint() : undefined;
        this.#site.onCallEnded(call, this.#drawReport(call, durationMs), checkpoint);
        this.#runNext();
      });
    }
  }

  #drawReport({ attemptId }: StartCall, durationMs: number): EndReport {
    if (this.#site.world.chance(this.#site.profile.failChance)) {
      const error = { kind: "thrown", name: "Error", message: `call ${attemptId}` } as const;
      return { type: "failed", error, durationMs };
    }
    const result = { type: "stored", objectId: `${attemptId}`, sizeBytes: 1 } as const;
    return { type: "succeeded", result, durationMs };
  }

  #later(delayMs: number, run: () => void): void {
    this.#site.later(delayMs, () => {
      if (!this.isGone) run();
    });
  }
}

/** Draws the actors of a client and the calls of each, in the order of submission. */
export function drawCalls(
  world: World,
  profile: Profile,
  clientId: string,
): TaskSpec[] {
  const specs: TaskSpec[] = [];
  const actorIds: string[] = [];
  const base = { clientId, dependencies: [], objects: [], priority: 0, runTimeoutMs: Infinity };
  for (let i = 0; i < profile.actorsPerClient; i++) {
    const taskId = `${clientId}-actor-${i}`;
    actorIds.push(taskId);
    specs.push({
      ...base,
      taskId,
      name: "actor",
      payload: new Uint8Array([i, world.rng.below(2)]),
      resources: world.pick<Resources>([{}, { seats: 1 }]),
      retry: {
        maxAttempts: 1 + world.rng.below(6),
        baseDelayMs: world.pick([0, 50]),
        maxDelayMs: 400,
      },
      actor: {
        type: "creation",
        maxConcurrency: world.pick([1, 1, 3]),
        isDetached: world.chance(0.2),
        ...(world.chance(0.3) ? { name: `name-${world.rng.below(3)}` } : {}),
      },
    });
  }
  // Also those of the first client, which others call by name.
  if (profile.actorsPerClient > 0) actorIds.push("c0-actor-0");
  for (let i = 0; i < profile.callsPerClient && actorIds.length > 0; i++) {
    const earlier = specs.filter(({ actor }) => actor?.type === "call");
    const dependencies = earlier.length > 0 && world.chance(0.2)
      ? [world.pick(earlier).taskId]
      : [];
    specs.push({
      ...base,
      taskId: `${clientId}-call-${i}`,
      name: "actor.call",
      payload: new Uint8Array(1 + world.rng.below(8)),
      dependencies,
      resources: {},
      retry: { maxAttempts: world.pick([1, 1, 4]), baseDelayMs: 0, maxDelayMs: 0 },
      actor: { type: "call", actorId: world.pick(actorIds), sequence: i },
    });
  }
  return specs;
}
