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
  readonly #requests = new Map<number, PromiseWithResolvers<string>>();
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
   * @returns the path of its file
   * @throws {Error} saying why it could not */
  async request(type: "FetchObject" | "StoreObject", objectId: string): Promise<string> {
    const requestId = this.#requestCount++;
    const request = Promise.withResolvers<string>();
    this.#requests.set(requestId, request);
    await this.say({ type, requestId, objectId });
    return await request.promise;
  }

  /** Takes the daemon's answer to a request. */
  settle(answer: ObjectAnswer): void {
    const request = this.#requests.get(answer.requestId);
    this.#requests.delete(answer.requestId);
    if (answer.type === "ObjectReady") request?.resolve(answer.path);
    else request?.reject(new Error(answer.message));
  }
}
