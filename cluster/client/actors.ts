import { encodeCallPayload } from "../protocol/actor_payload.ts";
import { encodeTaskPayload } from "../protocol/task_payload.ts";
import type { ActorFound, ClientMessage, WireTask } from "../protocol/messages.ts";
import type { FunctionRef } from "../scheduler/types.ts";
import type { ActorHandle, ActorOptions, ActorRef, CallOptions } from "./actor_types.ts";
import type { LocatedFunction } from "./code_source.ts";
import { codeRule } from "./task_rules.ts";
import { submittedEnvironment } from "./environment.ts";
import { ActorDeadError } from "./failures.ts";
import { TaskFailedError } from "./types.ts";
import type { TaskHandle } from "./types.ts";
import type { PackedArguments } from "./client_objects.ts";

/** What actors need of their client. */
export interface ActorsPort {
  /** A number that grows with each task and call. */
  readonly nextNumber: () => number;
  /** The id of a task with this number. */
  readonly taskId: (number: number) => string;
  /** Arguments as they travel: with names of tasks in place of their handles, and objects in place of large values. */
  readonly pack: (args: readonly unknown[]) => PackedArguments;
  /** A function as payloads name it. */
  readonly locate: (fn: FunctionRef) => LocatedFunction;
  /** Hands a creation to the head. That its end is waited for is nobody's waiting.
   * @param codeHash of the code that must be there before */
  readonly start: (
    wire: WireTask,
    packed: PackedArguments,
    codeHash: string | undefined,
  ) => Promise<void>;
  /** Hands a call to the head, and gives the handle that callers get. */
  readonly submit: <R>(
    wire: WireTask,
    packed: PackedArguments,
    signal: AbortSignal | undefined,
  ) => TaskHandle<R>;
  readonly cancel: (taskId: string) => void;
  readonly send: (message: ClientMessage) => void;
}

/** What a handle needs to know of its actor. */
interface Actor {
  readonly ref: ActorRef;
  readonly options: ActorOptions;
  /** Why it ended, once that is known here. */
  ended: Error | undefined;
}

const FOREVER = Number.MAX_SAFE_INTEGER;
/** Restarts wait a random part of a delay that doubles from here. */
const RESTART_DELAY = { baseDelayMs: 100, maxDelayMs: 10_000 } as const;

/** The actors of a client: creation, names, calls. */
export class Actors {
  readonly #port: ActorsPort;
  readonly #sought = new Map<number, {
    readonly name: string;
    readonly answer: PromiseWithResolvers<string | undefined>;
  }>();

  constructor(port: ActorsPort) {
    this.#port = port;
  }

  /** Has the head create an actor. */
  create<T>(fn: FunctionRef, args: readonly unknown[], options: ActorOptions): ActorHandle<T> {
    const { nextNumber, taskId, pack, locate, start } = this.#port;
    const located = locate(fn);
    const actorId = taskId(nextNumber());
    const packed = pack(args);
    const { name, lifetime, maxConcurrency = 1, maxRestarts = 0 } = options;
    const isDetached = lifetime === "detached";
    const { checkpointEveryCalls = 0 } = options;
    const call = { ...located, env: submittedEnvironment(), checkpointEveryCalls };
    const payload = encodeTaskPayload(call, packed.args);
    const ended = start(
      {
        taskId: actorId,
        name: fn.exportName,
        payload,
        dependencies: packed.dependencies,
        objects: packed.objects,
        resources: options.resources ?? {},
        priority: 0,
        retry: { maxAttempts: Math.min(maxRestarts, FOREVER - 1) + 1, ...RESTART_DELAY },
        runTimeoutMs: options.constructTimeoutMs ?? Infinity,
        ...(isDetached && { isDetached }),
        ...(located.code === undefined ? {} : { rules: codeRule(located.code) }),
        actor: {
          type: "creation",
          maxConcurrency,
          isDetached,
          ...(name === undefined ? {} : { name }),
        },
      },
      packed,
      located.code?.hash,
    );
    const actor: Actor = {
      ref: { $actor: actorId, name: fn.exportName },
      options,
      ended: undefined,
    };
    ended.catch((error: Error) => actor.ended = error);
    return this.#handle<T>(actor);
  }

  /** A handle of an actor that this client may not have created. */
  of<T>(ref: ActorRef, options: ActorOptions = {}): ActorHandle<T> {
    return this.#handle<T>({ ref, options, ended: undefined });
  }

  /** Asks the head for the living actor of a name.
   * @throws {ActorDeadError} when there is none */
  async find<T>(name: string, options: ActorOptions): Promise<ActorHandle<T>> {
    const requestId = this.#port.nextNumber();
    const answer = Promise.withResolvers<string | undefined>();
    this.#sought.set(requestId, { name, answer });
    this.#port.send({ type: "FindActor", requestId, name });
    const actorId = await answer.promise;
    if (actorId === undefined) {
      throw new ActorDeadError(
        `Cannot find actor ${name}: none of this name lives; it was not created yet, or has ended`,
        "UnknownActor",
        undefined,
      );
    }
    return this.of<T>({ $actor: actorId, name }, options);
  }

  /** Takes the head's answer. */
  found({ requestId, actorId }: ActorFound): void {
    this.#sought.get(requestId)?.answer.resolve(actorId);
    this.#sought.delete(requestId);
  }

  /** What a new connection has to ask again. */
  unanswered(): ClientMessage[] {
    return [...this.#sought].map(([requestId, { name }]) => ({
      type: "FindActor",
      requestId,
      name,
    }));
  }

  /** Nothing is answered any more. */
  fail(error: Error): void {
    for (const { answer } of this.#sought.values()) answer.reject(error);
    this.#sought.clear();
  }

  #handle<T>(actor: Actor): ActorHandle<T> {
    const call = (method: string, args: readonly unknown[], options?: CallOptions) =>
      this.#call(actor, method, args, options);
    const methods = new Proxy({}, {
      get: (_target, method) =>
        // A promise that resolves to the methods must not take them for one.
        typeof method !== "string" || method === "then"
          ? undefined
          : (...args: unknown[]) => call(method, args).result,
    });
    return {
      ref: actor.ref,
      call: methods as ActorHandle<T>["call"],
      submit: (method, args, options) =>
        call(method, args, options) as ReturnType<ActorHandle<T>["submit"]> as never,
      ready: async () => {
        await call("", []).result;
      },
      terminate: () => {
        // The head hears of calls of this turn first: those that come after this one must not be among them.
        actor.ended ??= new Error("it was terminated");
        this.#port.cancel(actor.ref.$actor);
      },
    };
  }

  #call(
    actor: Actor,
    method: string,
    args: readonly unknown[],
    { retries, runTimeoutMs, signal }: CallOptions = {},
  ): TaskHandle<unknown> {
    const { nextNumber, taskId, pack, submit } = this.#port;
    const { ref, options, ended } = actor;
    const sequence = nextNumber();
    if (ended !== undefined) return deadCall(taskId(sequence), `${ref.name}.${method}`, ended);
    const packed = pack(args);
    return submit(
      {
        taskId: taskId(sequence),
        name: method === "" ? ref.name : `${ref.name}.${method}`,
        payload: encodeCallPayload(method, packed.args),
        dependencies: packed.dependencies,
        objects: packed.objects,
        resources: {},
        priority: 0,
        retry: {
          maxAttempts: (retries ?? options.callRetries ?? 0) + 1,
          baseDelayMs: 0,
          maxDelayMs: 0,
        },
        runTimeoutMs: runTimeoutMs ?? options.callTimeoutMs ?? Infinity,
        actor: { type: "call", actorId: ref.$actor, sequence },
      },
      packed,
      signal,
    );
  }
}

function deadCall(taskId: string, what: string, ended: Error): TaskHandle<never> {
  const message = `Cannot call ${what}: its actor ended: ${ended.message}`;
  const [name, stack] = ended instanceof TaskFailedError
    ? [ended.causeName, ended.remoteStack]
    : [ended.name, undefined];
  const result = Promise.reject(new ActorDeadError(message, name, stack));
  return { taskId, result, cancel: () => {} };
}
