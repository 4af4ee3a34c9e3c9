import type { ObjectFolders } from "../objects/object_folders.ts";
import { decodeCallPayload } from "../protocol/actor_payload.ts";
import { readTaskArguments, readTaskCall } from "../protocol/task_payload.ts";
import type {
  ConstructActor,
  ExecutorAnswer,
  ExecutorMessage,
  RunCall,
  SaveActorState,
} from "../protocol/messages.ts";
import type { ResultRef } from "../scheduler/types.ts";
import type { DaemonLine } from "./daemon_line.ts";
import {
  failedAnswer,
  loadFunction,
  readInput,
  resolveArguments,
  storeResult,
} from "./run_attempt.ts";

type Method = (...args: unknown[]) => unknown;
type Instance = Record<string, unknown>;
type Order = RunCall | SaveActorState;

/** Methods that every actor has without having written them. */
const CHECKPOINT = "checkpoint", RESTORE = "restore";

/** An actor inside its process: the instance, and the calls that it runs in the order in which they come, as many at
 * once as it may. */
export class ActorProcess {
  readonly #message: ConstructActor;
  readonly #line: DaemonLine;
  readonly #folders: ObjectFolders;
  readonly #orders: Order[] = [];
  #instance: Instance | undefined;
  #checkpointEveryCalls = 0;
  #callsSinceCheckpoint = 0;
  /** Wakes those that wait for an order. */
  #onOrder: (() => void)[] = [];

  constructor(message: ConstructActor, line: DaemonLine, folders: ObjectFolders) {
    this.#message = message;
    this.#line = line;
    this.#folders = folders;
  }

  /** Takes an order, to be carried out after those before it have begun. */
  take(order: Order): void {
    this.#orders.push(order);
    this.#onOrder.shift()?.();
  }

  /** Constructs the instance, then carries out orders as long as the process lives. */
  async serve(): Promise<void> {
    const startedAt = performance.now();
    const { attemptId, maxConcurrency } = this.#message;
    try {
      this.#instance = await this.#construct();
    } catch (thrown) {
      const durationMs = performance.now() - startedAt;
      await this.#line.say(failedAnswer(attemptId, thrown, false, durationMs));
      return;
    }
    const result = await storeResult(undefined, this.#folders);
    const durationMs = performance.now() - startedAt;
    await this.#line.say({ type: "Succeeded", attemptId, wroteOutput: false, result, durationMs });
    await Promise.all(Array.from({ length: maxConcurrency }, () => this.#carryOutOrders()));
  }

  async #construct(): Promise<Instance> {
    const { payload, codeUrl = "", state } = this.#message;
    const { module, exportName, env, checkpointEveryCalls = 0 } = readTaskCall(payload);
    this.#checkpointEveryCalls = checkpointEveryCalls;
    for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
    const make = await loadFunction(codeUrl + module, exportName);
    const given = readTaskArguments(payload);
    const values = await resolveArguments(this.#message, given, this.#folders);
    const instance = isClass(make) ? new make(...values) : await make(...values);
    if (typeof instance !== "object" || instance === null) {
      throw new TypeError(
        `Cannot make an actor of ${exportName}: it is to be a class, or to return an object; ` +
          `it returned ${instance === null ? "null" : typeof instance}`,
      );
    }
    if (checkpointEveryCalls > 0) methodOf(instance as Instance, CHECKPOINT);
    if (state !== undefined) {
      await methodOf(instance as Instance, RESTORE)(await readInput(state, this.#folders));
    }
    return instance as Instance;
  }

  /** One of as many as the actor may have calls at once. */
  async #carryOutOrders(): Promise<never> {
    while (true) {
      const order = this.#orders.shift();
      if (order === undefined) await new Promise<void>((resolve) => this.#onOrder.push(resolve));
      // Before the next one begins: that may end the process, and this answer with it.
      else await this.#line.say(...await this.#carryOut(order));
    }
  }

  async #carryOut(order: Order): Promise<ExecutorMessage[]> {
    const { attemptId } = order;
    const answer = order.type === "Call" ? await this.#run(order) : await this.#saveState(order);
    if (answer.type === "ActorState") {
      const result = await storeResult(undefined, this.#folders);
      return [answer, { type: "Succeeded", attemptId, wroteOutput: false, result, durationMs: 0 }];
    }
    if (order.type !== "Call" || !this.#isCheckpointDue()) return [answer];
    const state = await this.#saveState(order);
    // An effect that no state holds must not be told as done.
    return state.type === "Failed" ? [state] : [state, answer];
  }

  async #run(call: RunCall): Promise<ExecutorAnswer> {
    const { attemptId } = call;
    const startedAt = performance.now();
    try {
      const { method, args } = decodeCallPayload(call.payload);
      const result = await this.#call(method, call, args);
      return {
        type: "Succeeded",
        attemptId,
        wroteOutput: false,
        result,
        durationMs: performance.now() - startedAt,
      };
    } catch (thrown) {
      const durationMs = performance.now() - startedAt;
      return failedAnswer(attemptId, thrown, false, durationMs);
    }
  }

  async #call(method: string, call: RunCall, args: readonly unknown[]): Promise<ResultRef> {
    const values = await resolveArguments(call, args, this.#folders);
    const value = method === ""
      ? undefined
      : methodOf(this.#instance as Instance, method)(...values);
    return await storeResult(await value, this.#folders);
  }

  #isCheckpointDue(): boolean {
    if (this.#checkpointEveryCalls === 0) return false;
    if (++this.#callsSinceCheckpoint < this.#checkpointEveryCalls) return false;
    this.#callsSinceCheckpoint = 0;
    return true;
  }

  async #saveState(
    { attemptId }: Order,
  ): Promise<ExecutorAnswer | Extract<ExecutorMessage, { type: "ActorState" }>> {
    try {
      if (this.#checkpointEveryCalls === 0) {
        const result = await storeResult(undefined, this.#folders);
        return { type: "Succeeded", attemptId, wroteOutput: false, result, durationMs: 0 };
      }
      const value = await methodOf(this.#instance as Instance, CHECKPOINT)();
      return { type: "ActorState", attemptId, state: await storeResult(value, this.#folders) };
    } catch (thrown) {
      return failedAnswer(attemptId, thrown, false, 0);
    }
  }
}

/** A method of an instance, bound to it.
 * @throws {TypeError} when it has none of this name */
function methodOf(instance: Instance, name: string): Method {
  const method = name === "constructor" || name in Object.prototype ? undefined : instance[name];
  if (typeof method === "function") return method.bind(instance) as Method;
  const names = methodsOf(instance).join(", ") || "none";
  throw new TypeError(`Cannot call ${name}: the actor has no such method; it has ${names}`);
}

function methodsOf(instance: Instance): string[] {
  const names = new Set<string>();
  for (
    let level: object | null = instance;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name !== "constructor" && typeof instance[name] === "function") names.add(name);
    }
  }
  return [...names];
}

function isClass(value: unknown): value is new (...args: unknown[]) => unknown {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}
