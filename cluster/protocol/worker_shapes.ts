import {
  MAX_DEPENDENCIES,
  MAX_ID_LENGTH,
  MAX_ITEMS_PER_FRAME,
  MAX_MESSAGE_LENGTH,
  MAX_NESTED_FRAME_BYTES,
  MAX_OBJECTS_PER_STORE,
  MAX_PAYLOAD_BYTES,
  MAX_TOKEN_LENGTH,
  MAX_URL_LENGTH,
} from "./limits.ts";
import * as shape from "./shapes.ts";
import { objectIdShape, objectSizeShape, resultShape, taskErrorShape } from "./value_shapes.ts";

/** What a worker says. */
export function workerShape(): shape.Shape {
  const durationMs = shape.number(0, Number.MAX_SAFE_INTEGER);
  const executorPid = shape.optional(shape.integer(1));
  const endReport = {
    succeeded: shape.fields({ result: resultShape(), durationMs, executorPid }),
    failed: shape.fields({ error: taskErrorShape(), durationMs, executorPid }),
    cancelled: () => {},
    starved: shape.fields({
      objectIds: shape.list(objectIdShape(), MAX_DEPENDENCIES),
      message: shape.text(MAX_MESSAGE_LENGTH),
    }),
  };
  const checkpoint = shape.fields({
    incarnation: shape.integer(0),
    sequence: shape.integer(0),
    value: resultShape(),
  });
  const report = shape.tagged({
    ...endReport,
    checkpointed: shape.fields({ report: shape.tagged(endReport), checkpoint }),
  });
  const attempt = { taskId: shape.text(MAX_ID_LENGTH), attemptId: shape.integer(0) };
  const attempts = shape.fields({
    attempts: shape.list(shape.fields(attempt), MAX_ITEMS_PER_FRAME),
  });
  const executor = shape.fields({
    pid: shape.integer(1),
    peakMemoryBytes: shape.integer(0),
    tasksDone: shape.integer(0),
    isAlive: shape.truth(),
    permissions: shape.text(MAX_MESSAGE_LENGTH),
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
          blocked: shape.fields(attempt),
          alive: shape.fields(attempt),
          finished: shape.fields({ ...attempt, report }),
        }),
        MAX_ITEMS_PER_FRAME,
      ),
      store: shape.tagged({
        shared: () => {},
        own: shape.fields({
          url: shape.optional(shape.text(MAX_URL_LENGTH)),
          objects: shape.list(objectSizeShape(), MAX_OBJECTS_PER_STORE),
        }),
      }),
    }),
    ObjectsChanged: shape.fields({
      added: shape.list(objectSizeShape(), MAX_ITEMS_PER_FRAME),
      dropped: shape.list(objectIdShape(), MAX_ITEMS_PER_FRAME),
      pulledBytes: shape.integer(0),
    }),
    AttemptsStarted: attempts,
    ActorsReady: shape.fields({ actors: shape.list(shape.fields(attempt), MAX_ITEMS_PER_FRAME) }),
    AttemptsEnded: shape.fields({
      attempts: shape.list(shape.fields({ ...attempt, report }), MAX_ITEMS_PER_FRAME),
    }),
    MemoryPressure: shape.fields({ isUnderPressure: shape.truth() }),
    Heartbeat: shape.fields({
      executors: shape.list(executor, 10_000),
      preparing: shape.list(shape.text(MAX_ID_LENGTH), 10_000),
    }),
    AttemptsPreparing: attempts,
    AttemptsBlocked: attempts,
    AttemptsResumed: attempts,
    NestedFrame: shape.fields({ ...attempt, frame: shape.bytes(MAX_NESTED_FRAME_BYTES) }),
  });
}

/** What a head says to a worker. */
export function headToWorkerShape(): shape.Shape {
  const attemptId = shape.integer(0);
  const taskId = shape.text(MAX_ID_LENGTH);
  const fetch = shape.fields({
    objectId: objectIdShape(),
    sizeBytes: shape.integer(0),
    isHere: shape.truth(),
    sources: shape.list(shape.text(MAX_URL_LENGTH), 16),
  });
  const start = {
    attemptId,
    taskId,
    payload: shape.bytes(MAX_PAYLOAD_BYTES),
    inputs: shape.list(resultShape(), MAX_DEPENDENCIES),
    objects: shape.list(fetch, MAX_DEPENDENCIES),
  };
  const taskStart = shape.fields({
    ...start,
    resources: shape.amounts(16),
    info: attemptInfoShape(),
  });
  const actorStart = shape.fields({
    ...start,
    resources: shape.amounts(16),
    info: attemptInfoShape(),
    maxConcurrency: shape.integer(1),
    checkpoint: shape.optional(resultShape()),
  });
  const callStart = shape.fields({
    ...start,
    actorId: taskId,
    runTimeoutMs: shape.number(0, Infinity),
  });
  const cancel = shape.fields({
    taskId,
    attemptId,
    reason: shape.oneOf("cancelled", "timed_out", "stale", "recalled"),
  });
  return shape.tagged({
    Welcome: shape.fields({ protocol: shape.integer(0), heartbeatMs: shape.integer(1) }),
    StartAttempts: shape.fields({
      attempts: shape.list(taskStart, MAX_ITEMS_PER_FRAME),
    }),
    StartActors: shape.fields({ actors: shape.list(actorStart, MAX_ITEMS_PER_FRAME) }),
    StartCalls: shape.fields({ calls: shape.list(callStart, MAX_ITEMS_PER_FRAME) }),
    CancelAttempts: shape.fields({ attempts: shape.list(cancel, MAX_ITEMS_PER_FRAME) }),
    AcknowledgeAttempts: shape.fields({ attemptIds: shape.list(attemptId, MAX_ITEMS_PER_FRAME) }),
    DeleteObjects: shape.fields({ objectIds: shape.list(objectIdShape(), MAX_ITEMS_PER_FRAME) }),
    UploadObjects: shape.fields({ objectIds: shape.list(objectIdShape(), MAX_ITEMS_PER_FRAME) }),
    ProbeStatus: () => {},
    TokenRotated: shape.fields({ token: shape.text(MAX_TOKEN_LENGTH) }),
    Release: () => {},
    NestedFrame: shape.fields({ attemptId, frame: shape.bytes(MAX_NESTED_FRAME_BYTES) }),
    NestedRefused: shape.fields({ attemptId, reason: shape.text(MAX_MESSAGE_LENGTH) }),
  });
}

function attemptInfoShape(): shape.Shape {
  return shape.fields({
    name: shape.text(MAX_ID_LENGTH),
    runId: shape.text(MAX_ID_LENGTH),
    attemptNumber: shape.integer(1),
    priority: shape.number(-Infinity, Infinity),
    runTimeoutMs: shape.number(0, Infinity),
  });
}
