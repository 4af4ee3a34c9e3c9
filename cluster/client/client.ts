import { assertNever } from "../../src/base/errors.ts";
import { newId } from "../../src/base/ids.ts";
import { decodeValue } from "../../src/base/value_codec.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type { HeadToClientMessage, WireTask } from "../protocol/messages.ts";
import type { FunctionRef, StreamResume, TaskOutcome } from "../scheduler/types.ts";
import { Actors } from "./actors.ts";
import type { ActorHandle, ActorOptions, ActorRef } from "./actor_types.ts";
import { ClientObjects } from "./client_objects.ts";
import type { PackedArguments } from "./client_objects.ts";
import { failureOf } from "./failures.ts";
import { StatusRequests } from "./status_requests.ts";
import { StoredResults } from "./stored_results.ts";
import type { PendingTask } from "./stored_results.ts";
import { inheritPermissions } from "../protocol/task_permissions.ts";
import type { TaskPermissions } from "../protocol/task_permissions.ts";
import { packArguments, wireTask } from "./wire_task.ts";
import { TaskCancelledError } from "./types.ts";
import { type GatheredResults, gatherResults } from "./gather.ts";
import { Handles } from "./handles.ts";
import { mapCalls, valueOf } from "./map.ts";
import type { MapOptions, MapOutcome, MapParts } from "./map.ts";
import { Outbox } from "./outbox.ts";
import { isObjectRef } from "../protocol/object_ref.ts";
import type { ObjectRef } from "../protocol/object_ref.ts";
import type { ClusterStatus } from "../protocol/status.ts";
import type { ClusterClient, PutOptions, SubmitOptions, TaskHandle } from "./types.ts";
import type { StreamOptions } from "./stream.ts";
import { Streams } from "./streams.ts";
import type { CodeSource, FailedUpload, LocatedFunction } from "./code_source.ts";
import type { ClientLink, ClientWiring } from "./wiring.ts";

/** A client as this folder sees it: `connect` hands out its public side. */
export class Client implements ClusterClient {
  readonly #clientId = newId("client");
  readonly #connection: ClientLink;
  readonly #wiring: ClientWiring;
  readonly #code: CodeSource | undefined;
  readonly #pending = new Map<string, PendingTask>();
  readonly #actors: Actors;
  readonly #objects: ClientObjects;
  readonly #results: StoredResults;
  readonly #outbox: Outbox;
  readonly #handles = new Handles({
    want: (taskId) => this.#want(taskId),
    isUnwanted: (taskId) => this.#taskOf(taskId)?.isWanted === false,
    onForgotten: (taskId) => this.#abandon(taskId),
  });
  readonly #statusRequests = new StatusRequests();
  readonly #streams = new Streams({
    objects: () => this.#objects,
    say: (message) => this.#outbox.say(message),
    watch: (promise) => this.#watch(promise),
    leave: (taskId) => this.#leave(taskId),
  });
  #welcomed = false;
  #counter = 0;
  #lost: Error | undefined;

  constructor(wiring: ClientWiring) {
    this.#wiring = wiring;
    this.#code = wiring.code?.(this.#clientId);
    this.#outbox = new Outbox({
      link: () => this.#connection,
      code: this.#code,
      objectMessages: () => this.#objects.takeMessages(),
      onWithdrawn: (taskId) => this.#settle(taskId, { type: "cancelled" }),
      onUnstorable: (taskId, error) => {
        this.#pending.get(taskId)?.reject(error);
        this.#pending.delete(taskId);
      },
      onCodeFailed: (failed) => this.#failCode(failed),
      onResubmitted: () => this.#askAgain(),
    });
    this.#actors = this.#makeActors();
    const access = wiring.objects(this.#clientId);
    this.#objects = new ClientObjects(access, () => this.#outbox.schedule());
    this.#results = new StoredResults(access, (taskId) => this.#outbox.release(taskId));
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
      pack: (args) => this.#pack(args),
      locate: (fn) => this.#locate(fn),
      start: (wire, packed, codeHash) => {
        const { taskId, result } = this.#send<void>(wire, packed, undefined, codeHash);
        this.#want(taskId);
        return result;
      },
      submit: <R>(wire: WireTask, packed: PackedArguments, signal: AbortSignal | undefined) =>
        this.#hand(this.#send<R>(wire, packed, signal, undefined)),
      cancel: (taskId) => this.#outbox.cancel(taskId),
      // After what was submitted before: a name may be asked for at once.
      send: (message) => this.#outbox.say(message),
    });
  }

  #pack(args: readonly unknown[]): PackedArguments {
    const { encodable, dependencies } = packArguments(args, this.#handles.taskIds);
    return this.#objects.pack(encodable, dependencies);
  }

  #hand<R>(task: TaskHandle<R>): TaskHandle<R> {
    return this.#handles.make({ ...task, result: this.#watch(task.result) });
  }

  /** Submits a task; of its promise nobody is told whether it is awaited. */
  #start<R>(
    fn: FunctionRef,
    args: readonly unknown[],
    options: SubmitOptions,
    stream?: StreamResume,
  ): TaskHandle<R> {
    const taskId = `${this.#clientId}/${this.#counter++}`;
    const packed = this.#pack(args);
    const priority = options.priority ?? this.#wiring.defaultPriority;
    const located = this.#locate(fn, options.permissions);
    const wire = wireTask(taskId, located, packed, { ...options, priority, stream });
    return this.#send<R>(wire, packed, options.signal, located.code?.hash);
  }

  /** A function as payloads name it. */
  #locate(fn: FunctionRef, asked?: TaskPermissions): LocatedFunction {
    const permissions = inheritPermissions(this.#wiring.permissions, asked);
    const located = { ...fn, ...this.#code?.locate(fn.module) };
    return permissions === undefined ? located : { ...located, permissions };
  }

  #send<R>(
    wire: WireTask,
    packed: PackedArguments,
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
      reject: (error) => {
        // Whoever never asks for the result is not told of the failure either.
        promise.catch(() => {});
        reject(error);
      },
      letGo: packed.letGo,
      isWanted: false,
      isAbandoned: false,
    });
    const cancel = () => this.#cancel(taskId);
    if (signal !== undefined) {
      signal.addEventListener("abort", cancel, { once: true });
      const forget = () => signal.removeEventListener("abort", cancel);
      promise.then(forget, forget);
    }
    this.#outbox.submit(wire, packed.stored);
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
    const parts: MapParts<I, R> = {
      submit: (input) => {
        const task = this.#start<R>(fn, [input], options);
        this.#want(task.taskId);
        return task;
      },
      watch: (promise) => this.#watch(promise),
    };
    const bounds = { signal, ordered, window };
    return onError === "settle"
      ? mapCalls(parts, inputs, bounds, (outcome) => outcome)
      : mapCalls(parts, inputs, bounds, valueOf);
  }

  async *stream<T>(
    fn: FunctionRef,
    args: readonly unknown[],
    options: StreamOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    const task = this.#start<number>(fn, args, options, options.resumeStream ?? "never");
    this.#want(task.taskId);
    yield* this.#streams.read<T>(task, options);
  }

  gather<H extends readonly TaskHandle<unknown>[]>(
    handles: readonly [...H],
  ): Promise<GatheredResults<H>> {
    return gatherResults<H>(handles);
  }

  put(value: unknown, options?: PutOptions): Promise<ObjectRef> {
    return this.#objects.put(value, options);
  }

  async get<T = unknown>(ref: ObjectRef): Promise<T> {
    return await this.#objects.get(ref) as T;
  }

  release(kept: ObjectRef | TaskHandle<unknown>): void {
    const taskId = this.#handles.taskIds.get(kept);
    if (taskId !== undefined) this.#abandon(taskId);
    else if (isObjectRef(kept)) this.#objects.release(kept);
  }

  unpin(ref: ObjectRef): void {
    this.#objects.unpin(ref);
  }

  status(): Promise<ClusterStatus> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const { message, answer } = this.#statusRequests.make(this.#counter++);
    if (this.#welcomed) this.#connection.send([message]);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#lost === undefined) {
      this.#outbox.flush();
      this.#connection.send([{ type: "Goodbye" }]);
      this.fail(new TaskCancelledError("The client was closed"));
    }
    await this.#connection.close();
  }

  #want(taskId: string): void {
    const task = this.#taskOf(taskId);
    if (task === undefined || task.isWanted) return;
    task.isWanted = true;
    this.#results.want(taskId);
  }

  #taskOf(taskId: string): PendingTask | undefined {
    return this.#pending.get(taskId) ?? this.#results.taskOf(taskId);
  }

  /** Nobody can ask for the result any more, unless somebody did already. */
  #abandon(taskId: string): void {
    const task = this.#pending.get(taskId);
    if (task === undefined) this.#results.abandon(taskId);
    else if (!task.isWanted) task.isAbandoned = true;
  }

  #cancel(taskId: string): void {
    if (this.#pending.has(taskId)) this.#outbox.cancel(taskId);
  }

  #leave(taskId: string): void {
    if (this.#pending.has(taskId)) this.#outbox.cancel(taskId);
    else this.#outbox.release(taskId);
  }

  #receive(message: HeadToClientMessage): void {
    switch (message.type) {
      case "Welcome":
        break;
      case "TasksEnded":
        for (const { taskId, outcome } of message.ended) this.#settle(taskId, outcome);
        break;
      case "ItemsSent":
        this.#streams.take(message);
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
        this.#statusRequests.take(message);
        break;
      default:
        assertNever(message);
    }
  }

  #settle(taskId: string, outcome: TaskOutcome): void {
    const task = this.#taskOf(taskId);
    if (task === undefined) return;
    if (this.#pending.delete(taskId)) task.letGo();
    switch (outcome.type) {
      case "succeeded":
        if (outcome.result.type === "stored") {
          this.#results.take(taskId, outcome.result.objectId, task);
          return;
        }
        task.resolve(decodeValue(outcome.result.bytes));
        break;
      case "failed":
        task.reject(failureOf(task.wire.name, outcome.error));
        break;
      case "cancelled":
        task.reject(new TaskCancelledError(`Task ${task.wire.name} was cancelled`));
        break;
      default:
        assertNever(outcome);
    }
    this.#results.drop(taskId);
    if (!this.#streams.isOpen(taskId)) this.#outbox.release(taskId);
  }

  /** What a new connection has to be told once the head has the tasks again. */
  #askAgain(): void {
    this.#streams.reconnected();
    for (const message of this.#actors.unanswered()) this.#outbox.say(message);
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
    for (const message of this.#statusRequests.unanswered()) this.#connection.send([message]);
    this.#objects.repeatHolds();
    const unsettled = [...this.#pending.values()].map(({ wire }) => wire);
    this.#outbox.resubmit([...unsettled, ...this.#results.missing()]);
  }

  /** Gives up for good: everything that is pending, and whatever is asked for later, fails with the error. */
  fail(error: Error): void {
    this.#lost = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#actors.fail(error);
    this.#results.fail(error);
    this.#statusRequests.fail(error);
  }
}
