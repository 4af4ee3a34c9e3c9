import { decodeValue, encodeMessage } from "../../src/base/value_codec.ts";
import { errorMessage } from "../../src/base/errors.ts";
import type {
  ClientMessage,
  DaemonToExecutorMessage,
  ExecutorMessage,
  HeadToClientMessage,
  HeadToWorkerMessage,
  WorkerMessage,
} from "./messages.ts";
import { clientShape, headToClientShape } from "./client_shapes.ts";
import { fromExecutorShape } from "./executor_shapes.ts";
import { MAX_FRAME_BYTES, MAX_ITEMS_PER_FRAME } from "./limits.ts";
import * as shape from "./shapes.ts";
import { headToWorkerShape, workerShape } from "./worker_shapes.ts";

type Message =
  | ClientMessage
  | HeadToClientMessage
  | WorkerMessage
  | HeadToWorkerMessage
  | DaemonToExecutorMessage
  | ExecutorMessage;

/** The bytes of a frame. */
export function encodeFrame(messages: readonly Message[]): Uint8Array<ArrayBuffer> {
  return encodeMessage(messages);
}

/** Reads what a client sent.
 * @throws {shape.ProtocolError} for anything but a list of a client's messages within the limits */
export const decodeClientFrame = decoder<ClientMessage>(clientShape());
/** Reads what a worker sent; throws like {@linkcode decodeClientFrame}. */
export const decodeWorkerFrame = decoder<WorkerMessage>(workerShape());
/** Reads what a head sent to a client; throws like {@linkcode decodeClientFrame}. */
export const decodeHeadToClientFrame = decoder<HeadToClientMessage>(headToClientShape());
/** Reads what a head sent to a worker; throws like {@linkcode decodeClientFrame}. */
export const decodeHeadToWorkerFrame = decoder<HeadToWorkerMessage>(headToWorkerShape());
/** Reads what a daemon sent to its executor: both are of one version, so only the frame and its tag are checked. */
export const decodeExecutorFrame = decoder<DaemonToExecutorMessage>(
  shape.tagged({
    Run: () => {},
    Construct: () => {},
    Call: () => {},
    SaveState: () => {},
    AbortAttempt: () => {},
    NestedFrame: () => {},
    NestedRefused: () => {},
    HeadReturned: () => {},
    ObjectReady: () => {},
    ObjectFailed: () => {},
  }),
);
/** Reads what an executor sent. Code of users runs there, so its messages are checked like a stranger's. */
export const decodeFromExecutorFrame = decoder<ExecutorMessage>(fromExecutorShape());

function decoder<M extends Message>(
  messageShape: shape.Shape,
): (frame: Uint8Array) => readonly M[] {
  const frameShape = shape.list(messageShape, MAX_ITEMS_PER_FRAME);
  return (frame) => {
    if (frame.byteLength > MAX_FRAME_BYTES) {
      throw new shape.ProtocolError(
        `Cannot read a frame of ${frame.byteLength} bytes: the limit is ${MAX_FRAME_BYTES}`,
      );
    }
    let messages: unknown;
    try {
      messages = decodeValue(frame);
    } catch (error) {
      throw new shape.ProtocolError(`Cannot read a frame: ${errorMessage(error)}`, {
        cause: error,
      });
    }
    frameShape(messages, "frame");
    return messages as readonly M[];
  };
}
