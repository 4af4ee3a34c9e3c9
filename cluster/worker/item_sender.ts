import { setImmediate } from "node:timers";
import { assertNever } from "../../src/base/errors.ts";
import { newId } from "../../src/base/ids.ts";
import { decodeHeadToClientFrame, encodeFrame } from "../protocol/codec.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import type { ClientMessage } from "../protocol/messages.ts";
import type { TaskScope } from "../protocol/task_scope.ts";
import type { ResultRef, StreamResume } from "../scheduler/types.ts";

/** Work that does not wait for anything gives way to the process so often, so that its items get out. */
const TURN_MS = 5;

/** Sends what an iterable gives to the client that asked for the task, no further ahead than that grants.
 * @param resume what happens when the reader has items of an earlier attempt
 * @param keep makes an item ready to travel; not called for one that the reader has
 * @returns how many items there were, once all have arrived
 * @throws whatever the iterable throws, once the items before it have arrived · the reason of the task's signal */
export async function sendItems(
  items: AsyncIterable<unknown> | Iterable<unknown>,
  resume: StreamResume,
  scope: TaskScope,
  keep: (item: unknown) => Promise<ResultRef>,
): Promise<number> {
  const sender = new ItemSender(resume, scope);
  try {
    const failure = await sendAll(items, sender, keep);
    await sender.arrived();
    if (failure !== undefined) throw failure.error;
    return sender.count;
  } finally {
    sender.close();
  }
}

async function sendAll(
  items: AsyncIterable<unknown> | Iterable<unknown>,
  sender: ItemSender,
  keep: (item: unknown) => Promise<ResultRef>,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    // Before a generator runs to its first item: by then it is known how many the reader has.
    await sender.room();
    for await (const item of items) {
      if (sender.skip()) continue;
      sender.add(await keep(item));
      await sender.room();
    }
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** The reader has items of an earlier attempt, and was promised those of one attempt alone. */
class StreamInterruptedError extends Error {
  override readonly name = "StreamInterruptedError";
  readonly code = "stream/interrupted";
}

class ItemSender {
  readonly #resume: StreamResume;
  readonly #scope: TaskScope;
  readonly #onAbort = () => this.#wake?.();
  /** Those that have not arrived; the first of them is the item number `#arrived`. */
  readonly #open: ResultRef[] = [];
  #arrived = 0;
  #sent = 0;
  #upTo = 0;
  /** Items that are to come and that the reader has already. */
  #toSkip = 0;
  #hasHeard = false;
  #flushIsDue = false;
  #turnMs = performance.now();
  #lost: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(resume: StreamResume, scope: TaskScope) {
    this.#resume = resume;
    this.#scope = scope;
    scope.context.signal.addEventListener("abort", this.#onAbort);
    scope.channel.open({
      onFrame: (frame) => this.#takeFrame(frame),
      onReturned: () => this.#announce(),
      onLost: (error) => {
        this.#lost = error;
        this.#wake?.();
      },
    });
    this.#announce();
  }

  get count(): number {
    return this.#arrived + this.#open.length;
  }

  /** @returns whether the reader has the next item already */
  skip(): boolean {
    if (this.#toSkip === 0) return false;
    this.#toSkip--;
    return true;
  }

  add(item: ResultRef): void {
    this.#open.push(item);
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    setImmediate(() => this.#flush());
  }

  /** Resolves when the next item may be made. */
  async room(): Promise<void> {
    await this.#until(() => this.count < this.#upTo);
    if (performance.now() - this.#turnMs < TURN_MS) return;
    await new Promise<void>((resolve) => setImmediate(() => resolve()));
    this.#turnMs = performance.now();
  }

  /** Resolves when all items have arrived. */
  async arrived(): Promise<void> {
    await this.#until(() => this.#open.length === 0);
  }

  close(): void {
    this.#scope.context.signal.removeEventListener("abort", this.#onAbort);
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (true) {
      this.#scope.context.signal.throwIfAborted();
      if (this.#lost !== undefined) throw this.#lost;
      if (isSo()) return;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  /** A new line to the head: whatever was not said to have arrived is sent again, so the consumer also learns of us. */
  #announce(): void {
    this.#sent = this.#arrived;
    this.#say({ type: "ClientHello", protocol: PROTOCOL_VERSION, clientId: newId("items") });
    this.#flush();
  }

  #flush(): void {
    this.#flushIsDue = false;
    const items = this.#open.slice(this.#sent - this.#arrived);
    this.#say({ type: "SendItems", first: this.#sent, items });
    this.#sent += items.length;
  }

  /** The first word of the reader says how many items it has of earlier attempts. */
  #beginBehind(received: number): void {
    this.#hasHeard = true;
    if (received === 0) return;
    this.#arrived = received;
    this.#sent = received;
    switch (this.#resume) {
      case "never":
        this.#lost = new StreamInterruptedError(
          `Cannot begin anew: ${received} items of an earlier attempt have arrived, and the ` +
            `stream's resumeStream is "never"`,
        );
        break;
      case "restart":
        this.#toSkip = received;
        break;
      case "continue":
        this.#scope.goOnBehind(received);
        break;
      default:
        assertNever(this.#resume);
    }
  }

  #say(message: ClientMessage): void {
    this.#scope.channel.send(encodeFrame([message]));
  }

  #takeFrame(frame: Uint8Array): void {
    for (const message of decodeHeadToClientFrame(frame)) {
      if (message.type !== "ItemsGranted") continue;
      const { received, upTo, isResend } = message;
      if (!this.#hasHeard) this.#beginBehind(received);
      // What a late message says that is known already does not count.
      const arrived = Math.min(Math.max(received, this.#arrived), this.#sent);
      this.#open.splice(0, arrived - this.#arrived);
      this.#arrived = arrived;
      this.#upTo = Math.max(this.#upTo, upTo);
      if (isResend && this.#sent > arrived) {
        this.#sent = arrived;
        this.#flush();
      }
      this.#wake?.();
    }
  }
}
