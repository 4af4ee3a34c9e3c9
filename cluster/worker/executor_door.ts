import { decodeFromExecutorFrame } from "../protocol/codec.ts";
import type { ExecutorMessage } from "../protocol/messages.ts";
import { FrameStream } from "./frame_stream.ts";

/** A connected executor: what it is told goes through `stream`, what it says comes out of `messages`, as much at once
 * as arrives at once. */
export interface ExecutorLink {
  readonly stream: FrameStream;
  readonly messages: AsyncGenerator<readonly ExecutorMessage[]>;
}

/** The Unix socket at which executors report to their daemon. Each says its process id first. */
export class ExecutorDoor implements Disposable {
  readonly path: string;
  readonly #listener: Deno.UnixListener;
  readonly #expected = new Map<number, (link: ExecutorLink) => void>();

  constructor(path: string) {
    this.path = path;
    this.#listener = Deno.listen({ transport: "unix", path });
    this.#acceptAll();
  }

  /** The link of a process, once it has connected. */
  expect(pid: number): Promise<ExecutorLink> {
    const { promise, resolve } = Promise.withResolvers<ExecutorLink>();
    this.#expected.set(pid, resolve);
    return promise;
  }

  /** Stops waiting for a process. */
  forget(pid: number): void {
    this.#expected.delete(pid);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #acceptAll(): Promise<void> {
    for await (const connection of this.#listener) {
      const stream = new FrameStream(connection);
      // Whoever says nothing, or something else, is not one of ours: the folder is private, so it is a broken one.
      this.#greet(stream).catch(() => stream.close());
    }
  }

  async #greet(stream: FrameStream): Promise<void> {
    const messages = readMessages(stream);
    const { value: said } = await messages.next();
    const hello = said?.length === 1 ? said[0] : undefined;
    if (hello?.type !== "Ready") return stream.close();
    const resolve = this.#expected.get(hello.pid);
    if (resolve === undefined) return stream.close();
    this.#expected.delete(hello.pid);
    resolve({ stream, messages });
  }
}

async function* readMessages(
  stream: FrameStream,
): AsyncGenerator<readonly ExecutorMessage[], undefined> {
  for await (const frames of stream.frames()) {
    yield frames.flatMap((frame) => decodeFromExecutorFrame(frame));
  }
}
