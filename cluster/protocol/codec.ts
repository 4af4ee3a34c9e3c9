import { decodeValue, encodePlain } from "../../src/base/value_codec.ts";
import { errorMessage } from "../../src/base/errors.ts";
import type {
  ClientMessage,
  DaemonToExecutorMessage,
  ExecutorMessage,
  HeadToClientMessage,
  HeadToWorkerMessage,
  WorkerMessage,
} from "./messages.ts";
import * as shape from "./shapes.ts";

/** A frame carries many messages: a list of them in MessagePack. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** Results up to here travel in messages; larger ones become objects. */
export const MAX_INLINE_BYTES = 100 * 1024;
/** The largest task: its function's name and its arguments. Larger values are put into the object store first. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
const MAX_ITEMS_PER_FRAME = 100_000;
const MAX_DEPENDENCIES = 100_000;
const MAX_ID_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 64 * 1024;

type Message =
  | ClientMessage
  | HeadToClientMessage
  | WorkerMessage
  | HeadToWorkerMessage
  | DaemonToExecutorMessage
  | ExecutorMessage;

/** The bytes of a frame. */
export function encodeFrame(messages: readonly Message[]): Uint8Array<ArrayBuffer> {
  return encodePlain(messages);
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
  shape.tagged({ Run: () => {} }),
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

function clientShape(): shape.Shape {
  const id = shape.text(MAX_ID_LENGTH);
  const ids = shape.list(id, MAX_ITEMS_PER_FRAME);
  const retry = shape.fields({
    maxAttempts: shape.integer(1),
    baseDelayMs: shape.number(0, Number.MAX_SAFE_INTEGER),
    maxDelayMs: shape.number(0, Number.MAX_SAFE_INTEGER),
  });
  const task = shape.fields({
    taskId: id,
    name: id,
    payload: shape.bytes(MAX_PAYLOAD_BYTES),
    dependencies: shape.list(id, MAX_DEPENDENCIES),
    resources: shape.amounts(16),
    priority: shape.number(-1e9, 1e9),
    retry,
    runTimeoutMs: shape.number(0, Infinity),
  });
  return shape.tagged({
    ClientHello: shape.fields({ protocol: shape.integer(0), clientId: id }),
    SubmitTasks: shape.fields({ tasks: shape.list(task, MAX_ITEMS_PER_FRAME) }),
    CancelTasks: shape.fields({ taskIds: ids }),
    ReleaseTasks: shape.fields({ taskIds: ids }),
    GetStatus: shape.fields({ requestId: shape.integer(0) }),
    Goodbye: () => {},
  });
}

function resultShape(): shape.Shape {
  return shape.tagged({
    inline: shape.fields({ bytes: shape.bytes(MAX_INLINE_BYTES) }),
    stored: shape.fields({ objectId: shape.text(64), sizeBytes: shape.integer(0) }),
  });
}

function taskErrorShape(): shape.Shape {
  return shape.fields({
    kind: shape.oneOf("thrown", "crashed", "timed_out", "lost", "dependency", "unschedulable"),
    name: shape.text(MAX_ID_LENGTH),
    message: shape.text(MAX_MESSAGE_LENGTH),
    stack: shape.optional(shape.text(MAX_MESSAGE_LENGTH)),
  });
}

function workerShape(): shape.Shape {
  const durationMs = shape.number(0, Number.MAX_SAFE_INTEGER);
  const report = shape.tagged({
    succeeded: shape.fields({ result: resultShape(), durationMs }),
    failed: shape.fields({ error: taskErrorShape(), durationMs }),
    cancelled: () => {},
  });
  const attempt = { taskId: shape.text(MAX_ID_LENGTH), attemptId: shape.integer(0) };
  const executor = shape.fields({
    pid: shape.integer(1),
    peakMemoryBytes: shape.integer(0),
    tasksDone: shape.integer(0),
  });
  return shape.tagged({
    WorkerHello: shape.fields({
      protocol: shape.integer(0),
      workerId: shape.text(MAX_ID_LENGTH),
      pid: shape.integer(1),
      capacity: shape.amounts(64),
      held: shape.list(
        shape.tagged({
          running: shape.fields(attempt),
          finished: shape.fields({ ...attempt, report }),
        }),
        MAX_ITEMS_PER_FRAME,
      ),
    }),
    AttemptsStarted: shape.fields({
      attempts: shape.list(shape.fields(attempt), MAX_ITEMS_PER_FRAME),
    }),
    AttemptsEnded: shape.fields({
      attempts: shape.list(shape.fields({ ...attempt, report }), MAX_ITEMS_PER_FRAME),
    }),
    Heartbeat: shape.fields({ executors: shape.list(executor, 10_000) }),
  });
}

function headToClientShape(): shape.Shape {
  const outcome = shape.tagged({
    succeeded: shape.fields({ result: resultShape() }),
    failed: shape.fields({ error: taskErrorShape() }),
    cancelled: () => {},
  });
  return shape.tagged({
    Welcome: shape.fields({ protocol: shape.integer(0), heartbeatMs: shape.integer(1) }),
    TasksEnded: shape.fields({
      ended: shape.list(
        shape.fields({ taskId: shape.text(MAX_ID_LENGTH), outcome }),
        MAX_ITEMS_PER_FRAME,
      ),
    }),
    Status: shape.fields({ requestId: shape.integer(0), status: shape.fields({}) }),
  });
}

function headToWorkerShape(): shape.Shape {
  const attemptId = shape.integer(0);
  const start = shape.fields({
    attemptId,
    taskId: shape.text(MAX_ID_LENGTH),
    resources: shape.amounts(16),
    payload: shape.bytes(MAX_PAYLOAD_BYTES),
    inputs: shape.list(resultShape(), MAX_DEPENDENCIES),
  });
  const cancel = shape.fields({
    taskId: shape.text(MAX_ID_LENGTH),
    attemptId,
    reason: shape.oneOf("cancelled", "timed_out", "stale", "recalled"),
  });
  return shape.tagged({
    Welcome: shape.fields({ protocol: shape.integer(0), heartbeatMs: shape.integer(1) }),
    StartAttempts: shape.fields({ attempts: shape.list(start, MAX_ITEMS_PER_FRAME) }),
    CancelAttempts: shape.fields({ attempts: shape.list(cancel, MAX_ITEMS_PER_FRAME) }),
    AcknowledgeAttempts: shape.fields({ attemptIds: shape.list(attemptId, MAX_ITEMS_PER_FRAME) }),
    ProbeStatus: () => {},
    Release: () => {},
  });
}

function fromExecutorShape(): shape.Shape {
  const ended = {
    attemptId: shape.integer(0),
    durationMs: shape.number(0, Number.MAX_SAFE_INTEGER),
  };
  const error = shape.fields({
    name: shape.text(MAX_MESSAGE_LENGTH),
    message: shape.text(MAX_FRAME_BYTES),
    stack: shape.text(MAX_FRAME_BYTES),
  });
  return shape.tagged({
    Ready: shape.fields({ pid: shape.integer(1) }),
    Succeeded: shape.fields({ ...ended, result: resultShape() }),
    Failed: shape.fields({ ...ended, error }),
  });
}
