import { encodeFrame } from "../protocol/codec.ts";
import type { DaemonToExecutorMessage, ExecutorMessage } from "../protocol/messages.ts";
import type { FrameStream } from "./frame_stream.ts";

type ObjectAnswer = Extract<
  DaemonToExecutorMessage,
  { readonly type: "ObjectReady" | "ObjectFailed" }
>;

/** An executor's line to its daemon. */
export class DaemonLine {
  readonly #stream: FrameStream;
  readonly #requests = new Map<number, PromiseWithResolvers<void>>();
  #requestCount = 0;

  constructor(stream: FrameStream) {
    this.#stream = stream;
  }

  /** Sends messages in one frame, after all earlier ones.
   * @throws {Error} when the daemon is gone */
  say(...messages: readonly ExecutorMessage[]): Promise<void> {
    return this.#stream.write(encodeFrame(messages));
  }

  /** Has the daemon pull an object to this node, or pass on one that lies here.
   * @throws {Error} saying why it could not */
  async request(type: "FetchObject" | "StoreObject", objectId: string): Promise<void> {
    const requestId = this.#requestCount++;
    const request = Promise.withResolvers<void>();
    this.#requests.set(requestId, request);
    await this.say({ type, requestId, objectId });
    await request.promise;
  }

  /** Takes the daemon's answer to a request. */
  settle(answer: ObjectAnswer): void {
    const request = this.#requests.get(answer.requestId);
    this.#requests.delete(answer.requestId);
    if (answer.type === "ObjectReady") request?.resolve();
    else request?.reject(new Error(answer.message));
  }
}
