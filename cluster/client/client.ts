import { assertNever } from "../../src/base/errors.ts";
import { newId } from "../../src/base/ids.ts";
import { sha256Hex } from "../../src/base/hash.ts";
import { decodeObject, encodeObject } from "../../src/base/object_codec.ts";
import { decodeValue } from "../../src/base/value_codec.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type { HeadToClientMessage, WireTask } from "../protocol/messages.ts";
import type { FunctionRef, ResultRef, TaskOutcome } from "../scheduler/types.ts";
import { Actors } from "./actors.ts";
import type { ActorHandle, ActorOptions, ActorRef } from "./actor_types.ts";
import { failureOf } from "./failures.ts";
import { packArguments, wireTask } from "./wire_task.ts";
import { TaskCancelledError } from "./types.ts";
import { gatherResults } from "./gather.ts";
import type { GatheredResults } from "./gather.ts";
import { mapOutcomes, mapResults } from "./map.ts";
import type { MapOptions, MapOutcome } from "./map.ts";
import type { ObjectRef } from "../protocol/object_ref.ts";
import type { ClusterStatus } from "../protocol/status.ts";
import type { ClusterClient, SubmitOptions, TaskHandle } from "./types.ts";
import { ItemStream } from "./stream.ts";
import type { StreamOptions } from "./stream.ts";
import type { FailedUpload, LocatedModule } from "./code_source.ts";
import { Outbox } from "./outbox.ts";
import type { ClientLink, ClientWiring } from "./wiring.ts";

interface PendingTask {
  readonly wire: WireTask;
  readonly codeHash: string | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A client as this folder sees it: `connect` hands out its public side. */
export class Client implements ClusterClient {
  readonly #clientId = newId("client");
  readonly #connection: ClientLink;
  readonly #wiring: ClientWiring;
  readonly #pending = new Map<string, PendingTask>();
  readonly #taskIds = new WeakMap<object, string>();
  readonly #stored = new Map<string, Promise<void>>();
  readonly #actors: Actors;
  readonly #statusRequests = new Map<number, PromiseWithResolvers<ClusterStatus>>();
  readonly #outbox: Outbox;
  readonly #streams = new Map<string, ItemStream>();
  #welcomed = false;
  #counter = 0;
  #lost: Error | undefined;

  constructor(wiring: ClientWiring) {
    this.#wiring = wiring;
    this.#outbox = new Outbox({
      link: () => this.#connection,
      code: wiring.code,
      onWithdrawn: (taskId) => this.#settle(taskId, { type: "cancelled" }),
      onCodeFailed: (failed) => this.#failCode(failed),
      onResubmitted: () => this.#askAgain(),
    });
    this.#actors = this.#makeActors();
    this.#connection = wiring.open({
      hello: () => ({ type: "ClientHello", protocol: PROTOCOL_VERSION, clientId: this.#clientId }),
      onOpen: () => this.#resubmit(),
      onMessage: (message) => this.#receive(message),
      onLost: (error) => this.fail(error),
    });
  }

  submit<R = unknown>(
    fn: FunctionRef,
    args: readonly unknown[],
    options: SubmitOptions = {},
  ): TaskHandle<R> {
    return this.#hand(this.#start<R>(fn, args, options));
  }

  actor<T>(
    fn: FunctionRef,
    args: readonly unknown[],
    options: ActorOptions = {},
  ): ActorHandle<T> {
    return this.#actors.create<T>(fn, args, options);
  }

  async namedActor<T>(name: string, options: ActorOptions = {}): Promise<ActorHandle<T>> {
    if (this.#lost !== undefined) throw this.#lost;
    return await this.#actors.find<T>(name, options);
  }

  actorOf<T>(ref: ActorRef, options?: ActorOptions): ActorHandle<T> {
    return this.#actors.of<T>(ref, options);
  }

  #makeActors(): Actors {
    return new Actors({
      nextNumber: () => this.#counter++,
      taskId: (number) => `${this.#clientId}/${number}`,
      pack: (args) => packArguments(args, this.#taskIds),
      locate: (fn) => this.#locate(fn),
      start: (wire, codeHash) => this.#send<void>(wire, undefined, codeHash).result,
      submit: <R>(wire: WireTask, signal: AbortSignal | undefined) =>
        this.#hand(this.#send<R>(wire, signal, undefined)),
      cancel: (taskId) => this.#outbox.cancel(taskId),
      // After what was submitted before: a name may be asked for at once.
      send: (message) => this.#outbox.say(message),
    });
  }

  /** The handle that callers get. */
  #hand<R>(started: TaskHandle<R>): TaskHandle<R> {
    const handle: TaskHandle<R> = { ...started, result: this.#watch(started.result) };
    this.#taskIds.set(handle, handle.taskId);
    return handle;
  }

  /** Submits a task; of its promise nobody is told whether it is awaited. */
  #start<R>(
    fn: FunctionRef,
    args: readonly unknown[],
    options: SubmitOptions,
    isStream = false,
  ): TaskHandle<R> {
    const taskId = `${this.#clientId}/${this.#counter++}`;
    const packed = packArguments(args, this.#taskIds);
    const priority = options.priority ?? this.#wiring.defaultPriority;
    const located = this.#locate(fn);
    const wire = wireTask(taskId, located, packed, { ...options, priority, isStream });
    return this.#send<R>(wire, options.signal, located.code?.hash);
  }

  /** A function as payloads name it. */
  #locate(fn: FunctionRef): FunctionRef & LocatedModule {
    return { ...fn, ...this.#wiring.code?.locate(fn.module) };
  }

  #send<R>(
    wire: WireTask,
    signal: AbortSignal | undefined,
    codeHash: string | undefined,
  ): TaskHandle<R> {
    if (this.#lost !== undefined) throw this.#lost;
    signal?.throwIfAborted();
    const { taskId } = wire;
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    this.#pending.set(taskId, {
      wire,
      codeHash,
      resolve: resolve as (value: unknown) => void,
      reject,
    });
    const cancel = () => this.#cancel(taskId);
    if (signal !== undefined) {
      signal.addEventListener("abort", cancel, { once: true });
      const forget = () => signal.removeEventListener("abort", cancel);
      promise.then(forget, forget);
    }
    this.#outbox.submit(wire);
    return { taskId, result: promise, cancel };
  }

  #watch<R>(promise: Promise<R>): Promise<R> {
    return this.#wiring.watch?.(promise) ?? promise;
  }

  map<I, R>(
    fn: FunctionRef,
    inputs: Iterable<I> | AsyncIterable<I>,
    options: MapOptions & { readonly onError: "settle" },
  ): AsyncGenerator<MapOutcome<R>, void, undefined>;
  map<I, R>(
    fn: FunctionRef,
    inputs: Iterable<I> | AsyncIterable<I>,
    options?: MapOptions,
  ): AsyncGenerator<R, void, undefined>;
  map<I, R>(
    fn: FunctionRef,
    inputs: Iterable<I> | AsyncIterable<I>,
    { signal, onError, ordered, window, ...options }: MapOptions = {},
  ): AsyncGenerator<R | MapOutcome<R>, void, undefined> {
    const outcomes = mapOutcomes<I, R>(
      {
        submit: (input) => this.#start<R>(fn, [input], options),
        watch: (promise) => this.#watch(promise),
      },
      inputs,
      { signal, ordered, window },
    );
    return onError === "settle" ? outcomes : mapResults(outcomes);
  }

  async *stream<T>(
    fn: FunctionRef,
    args: readonly unknown[],
    options: StreamOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    const { taskId, result, cancel } = this.#start<number>(fn, args, options, true);
    const stream = new ItemStream(options, (grant) => {
      if (this.#welcomed) this.#connection.send([{ type: "GrantItems", taskId, ...grant }]);
    });
    this.#streams.set(taskId, stream);
    result.then(() => stream.finish("complete"), (error) => stream.finish({ error }));
    try {
      while (true) {
        const item = await stream.next((promise) => this.#watch(promise));
        if (item === undefined) return;
        yield await this.#load(item) as T;
      }
    } finally {
      this.#streams.delete(taskId);
      cancel();
    }
  }

  gather<H extends readonly TaskHandle<unknown>[]>(
    handles: readonly [...H],
  ): Promise<GatheredResults<H>> {
    return gatherResults<H>(handles);
  }

  async put(value: unknown): Promise<ObjectRef> {
    const object = encodeObject(value);
    const objectId = sha256Hex(object);
    let stored = this.#stored.get(objectId);
    if (stored === undefined) {
      stored = this.#wiring.objects.store(objectId, object);
      this.#stored.set(objectId, stored);
      stored.catch(() => this.#stored.delete(objectId));
    }
    await stored;
    return { $object: objectId, sizeBytes: object.byteLength };
  }

  async get<T = unknown>(ref: ObjectRef): Promise<T> {
    return decodeObject(await this.#wiring.objects.fetch(ref.$object)) as T;
  }

  status(): Promise<ClusterStatus> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const requestId = this.#counter++;
    const request = Promise.withResolvers<ClusterStatus>();
    this.#statusRequests.set(requestId, request);
    if (this.#welcomed) this.#connection.send([{ type: "GetStatus", requestId }]);
    return request.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#lost === undefined) {
      this.#outbox.flush();
      this.#connection.send([{ type: "Goodbye" }]);
      this.fail(new TaskCancelledError("The client was closed"));
    }
    await this.#connection.close();
  }

  #cancel(taskId: string): void {
    if (this.#pending.has(taskId)) this.#outbox.cancel(taskId);
  }

  #receive(message: HeadToClientMessage): void {
    switch (message.type) {
      case "Welcome":
        break;
      case "TasksEnded":
        for (const { taskId, outcome } of message.ended) this.#settle(taskId, outcome);
        break;
      case "ItemsSent":
        this.#streams.get(message.taskId)?.take(message);
        break;
      case "ItemsGranted":
        // For the items of the task in which this client is; whoever sends them hears it, too.
        break;
      case "SubmissionsAllowed":
        this.#outbox.grant(message.tasks);
        break;
      case "TasksWarned":
        for (const { warning } of message.warnings) this.#wiring.onWarning?.(warning);
        break;
      case "ActorFound":
        this.#actors.found(message);
        break;
      case "Status":
        this.#statusRequests.get(message.requestId)?.resolve(message.status);
        this.#statusRequests.delete(message.requestId);
        break;
      default:
        assertNever(message);
    }
  }

  #settle(taskId: string, outcome: TaskOutcome): void {
    const task = this.#pending.get(taskId);
    if (task === undefined) return;
    this.#pending.delete(taskId);
    switch (outcome.type) {
      case "succeeded":
        if (outcome.result.type === "inline") {
          task.resolve(decodeValue(outcome.result.bytes));
          break;
        }
        this.#load(outcome.result).then(task.resolve, task.reject)
          .finally(() => this.#outbox.release(taskId));
        return;
      case "failed":
        task.reject(failureOf(task.wire.name, outcome.error));
        break;
      case "cancelled":
        task.reject(new TaskCancelledError(`Task ${task.wire.name} was cancelled`));
        break;
      default:
        assertNever(outcome);
    }
    this.#outbox.release(taskId);
  }

  async #load(result: ResultRef): Promise<unknown> {
    if (result.type === "inline") return decodeValue(result.bytes);
    return decodeObject(await this.#wiring.objects.fetch(result.objectId));
  }

  /** What a new connection has to be told once the head has the tasks again. */
  #askAgain(): void {
    for (const stream of this.#streams.values()) stream.reconnected();
    for (const message of this.#actors.unanswered()) this.#connection.send([message]);
  }

  #failCode(failed: readonly FailedUpload[]): void {
    for (const { hash, error } of failed) {
      for (const [taskId, { codeHash, reject }] of this.#pending) {
        if (codeHash !== hash) continue;
        this.#pending.delete(taskId);
        reject(error);
      }
    }
    this.#outbox.drop((taskId) => !this.#pending.has(taskId));
  }

  #resubmit(): void {
    this.#welcomed = true;
    for (const requestId of this.#statusRequests.keys()) {
      this.#connection.send([{ type: "GetStatus", requestId }]);
    }
    this.#outbox.resubmit([...this.#pending.values()].map(({ wire }) => wire));
  }

  /** Gives up for good: everything that is pending, and whatever is asked for later, fails with the error. */
  fail(error: Error): void {
    this.#lost = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#actors.fail(error);
    for (const { reject } of this.#statusRequests.values()) reject(error);
    this.#statusRequests.clear();
  }
}
