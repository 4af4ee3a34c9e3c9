import type { ClientMessage, HeadToClientMessage } from "../protocol/messages.ts";
import type { ClientObjects } from "./client_objects.ts";
import { ItemStream, type StreamOptions } from "./stream.ts";
import type { TaskHandle } from "./types.ts";

/** What the streams of a client need of it. */
interface StreamParts {
  readonly objects: () => ClientObjects;
  /** Says it after what the head is to be told of objects. */
  readonly say: (message: ClientMessage) => void;
  readonly watch: <R>(promise: Promise<R>) => Promise<R>;
  /** Nobody reads the items of a task any more: it is cancelled, or released if it has ended. */
  readonly leave: (taskId: string) => void;
}

/** The streams that a client reads. The head keeps a task, and what its items on the way are, until its stream is over:
 * so an item that is an object is held by the head, then by this client, until it was taken. */
export class Streams {
  readonly #parts: StreamParts;
  readonly #open = new Map<string, ItemStream>();

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /** Whether the items of a task are being read: until then it must not be released. */
  isOpen(taskId: string): boolean {
    return this.#open.has(taskId);
  }

  /** The items of a task that was just submitted. */
  async *read<T>(
    { taskId, result }: TaskHandle<number>,
    options: StreamOptions,
  ): AsyncGenerator<T, void, undefined> {
    const { objects, say, watch, leave } = this.#parts;
    const stream = new ItemStream(options, {
      grant: (grant) => say({ type: "GrantItems", taskId, ...grant }),
      keep: (item) => objects().keepItem(item),
    });
    this.#open.set(taskId, stream);
    result.then(() => stream.finish("complete"), (error) => stream.finish({ error }));
    try {
      while (true) {
        const item = await stream.next(watch);
        if (item === undefined) return;
        yield await objects().takeItem(item) as T;
      }
    } finally {
      this.#open.delete(taskId);
      for (const item of stream.rest()) objects().dropItem(item);
      leave(taskId);
    }
  }

  /** Takes items; those that nobody reads any more are the head's to let go of. */
  take(message: Extract<HeadToClientMessage, { readonly type: "ItemsSent" }>): void {
    this.#open.get(message.taskId)?.take(message);
  }

  /** The connection was made again. */
  reconnected(): void {
    for (const stream of this.#open.values()) stream.reconnected();
  }
}
