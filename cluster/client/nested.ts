import { CodedError, errorMessage } from "../../src/base/errors.ts";
import { decodeHeadToClientFrame, encodeFrame } from "../protocol/codec.ts";
import type { ClientMessage } from "../protocol/messages.ts";
import { currentScope } from "../protocol/task_scope.ts";
import type { NestedChannel, TaskContext, TaskScope } from "../protocol/task_scope.ts";
import { Client } from "./client.ts";
import type { ClientLink, ClientLinkHandlers, ClientWiring } from "./wiring.ts";
import { InheritedCode } from "./code_source.ts";
import type { ClusterClient } from "./types.ts";

/** What a task is submitted ahead of others of its parent's priority by. */
const CHILD_PRIORITY_STEP = 2 ** -10;

/** What the code of a task may know of itself.
 * @throws {Error} outside of a task */
export function taskContext(): TaskContext {
  return requireScope("taskContext").context;
}

/** The client of the task that calls: it speaks to the cluster that runs the task. What it submits are children of this
 * attempt: they are cancelled with it unless they are detached, and go ahead of other tasks of the parent's priority, so
 * that what was begun is ended first. While the code awaits their results the attempt's resources are free for others,
 * children first of all: so tasks may be nested deeper than there are slots. They may do what this task may, and no more.
 * @throws {Error} outside of a task */
export function currentClient(): ClusterClient {
  const scope = requireScope("currentClient");
  let client = clients.get(scope);
  if (client === undefined) {
    client = new Client(nestedWiring(scope));
    clients.set(scope, client);
  }
  return client;
}

const clients = new WeakMap<TaskScope, Client>();

function requireScope(caller: string): TaskScope {
  const scope = currentScope();
  if (scope !== undefined) return scope;
  throw new CodedError(
    "flow/out-of-place",
    `Cannot call ${caller}(): this code does not run in a task of a cluster. Outside, use connect()`,
  );
}

function nestedWiring({ channel, context, code, permissions }: TaskScope): ClientWiring {
  const waits = new Waits((isWaiting) => channel.setWaiting(isWaiting));
  return {
    open: (handlers) => new NestedLink(channel, handlers),
    objects: () => channel,
    code: code && (() => new InheritedCode(code.url, code.ref)),
    watch: (result) => waits.watch(result),
    permissions,
    defaultPriority: context.priority + CHILD_PRIORITY_STEP,
  };
}

/** A client's messages, by way of its attempt's executor and daemon. */
class NestedLink implements ClientLink {
  readonly #channel: NestedChannel;
  readonly #handlers: ClientLinkHandlers;
  #isOpen = true;

  constructor(channel: NestedChannel, handlers: ClientLinkHandlers) {
    this.#channel = channel;
    this.#handlers = handlers;
    // Not at once: whoever makes the link does not have it yet.
    queueMicrotask(() => {
      channel.open({
        onFrame: (frame) => this.#takeFrame(frame),
        onReturned: () => this.#sayHello(),
        onLost: (error) => this.#lose(error),
      });
      this.#sayHello();
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(messages: readonly ClientMessage[]): void {
    if (this.#isOpen) this.#channel.send(encodeFrame(messages));
  }

  close(): Promise<void> {
    this.#isOpen = false;
    return Promise.resolve();
  }

  #sayHello(): void {
    if (!this.#isOpen) return;
    this.send([this.#handlers.hello()]);
    this.#handlers.onOpen();
  }

  #takeFrame(frame: Uint8Array): void {
    if (!this.#isOpen) return;
    try {
      for (const message of decodeHeadToClientFrame(frame)) this.#handlers.onMessage(message);
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(errorMessage(error)));
    }
  }

  #lose(error: Error): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#handlers.onLost(error);
  }
}

/** Knows whether somebody awaits results that are not there. */
class Waits {
  readonly #onChange: (isWaiting: boolean) => void;
  #count = 0;

  constructor(onChange: (isWaiting: boolean) => void) {
    this.#onChange = onChange;
  }

  /** The same result, as a promise that tells when it is awaited. A failure that nobody looks at is none of the parent:
   * it ends with the attempt. */
  watch<R>(result: Promise<R>): Promise<R> {
    let isSettled = false;
    let isAwaited = false;
    const settle = () => {
      isSettled = true;
      if (isAwaited) this.#add(-1);
    };
    result.then(settle, settle);
    return WatchedPromise.of(result, () => {
      if (isSettled || isAwaited) return;
      isAwaited = true;
      this.#add(1);
    });
  }

  #add(change: 1 | -1): void {
    const wasWaiting = this.#count > 0;
    this.#count += change;
    if (this.#count > 0 !== wasWaiting) this.#onChange(this.#count > 0);
  }
}

/** A promise of a class of its own: for one of these `await` and `Promise.all` call `then`, which they do not for a
 * plain promise. */
class WatchedPromise<R> extends Promise<R> {
  #onThen: (() => void) | undefined;

  static of<R>(result: Promise<R>, onThen: () => void): WatchedPromise<R> {
    const watched = new WatchedPromise<R>((resolve, reject) => result.then(resolve, reject));
    watched.catch(() => {});
    watched.#onThen = onThen;
    return watched;
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  override then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#onThen?.();
    return super.then(onFulfilled, onRejected);
  }
}
