import {
  MAX_DEPENDENCIES,
  MAX_ID_LENGTH,
  MAX_ITEMS_PER_FRAME,
  MAX_MESSAGE_LENGTH,
  MAX_PAYLOAD_BYTES,
} from "./limits.ts";
import * as shape from "./shapes.ts";
import { objectIdShape, objectSizeShape, resultShape, taskErrorShape } from "./value_shapes.ts";

/** Names in one rule of a task: of workers, labels, errors. */
const MAX_NAMES = 1_000;

const grant = {
  received: shape.integer(0),
  upTo: shape.number(0, Infinity),
  isResend: shape.truth(),
};
const items = shape.list(resultShape(), MAX_ITEMS_PER_FRAME);

/** What a client says. */
export function clientShape(): shape.Shape {
  const id = shape.text(MAX_ID_LENGTH);
  const ids = shape.list(id, MAX_ITEMS_PER_FRAME);
  const retry = shape.fields({
    maxAttempts: shape.integer(1),
    baseDelayMs: shape.number(0, Number.MAX_SAFE_INTEGER),
    maxDelayMs: shape.number(0, Number.MAX_SAFE_INTEGER),
    retryOn: shape.optional(shape.fields({
      kinds: shape.optional(shape.list(id, MAX_NAMES)),
      names: shape.optional(shape.list(id, MAX_NAMES)),
    })),
  });
  const task = shape.fields({
    taskId: id,
    name: id,
    payload: shape.bytes(MAX_PAYLOAD_BYTES),
    dependencies: shape.list(id, MAX_DEPENDENCIES),
    objects: shape.list(objectSizeShape(), MAX_DEPENDENCIES),
    resources: shape.amounts(16),
    priority: shape.number(-1e9, 1e9),
    retry,
    runTimeoutMs: shape.number(0, Infinity),
    rules: shape.optional(rulesShape()),
    isDetached: shape.optional(shape.truth()),
    actor: shape.optional(actorRoleShape()),
  });
  return shape.tagged({
    ClientHello: shape.fields({ protocol: shape.integer(0), clientId: id }),
    SubmitTasks: shape.fields({ tasks: shape.list(task, MAX_ITEMS_PER_FRAME) }),
    CancelTasks: shape.fields({ taskIds: ids }),
    ReleaseTasks: shape.fields({ taskIds: ids }),
    GrantItems: shape.fields({ taskId: id, ...grant }),
    SendItems: shape.fields({ first: shape.integer(0), items }),
    FindActor: shape.fields({ requestId: shape.integer(0), name: id }),
    HoldObjects: shape.fields({ objects: shape.list(objectSizeShape(), MAX_ITEMS_PER_FRAME) }),
    ReleaseObjects: shape.fields({
      objectIds: shape.list(objectIdShape(), MAX_ITEMS_PER_FRAME),
    }),
    PinObjects: shape.fields({ objects: shape.list(objectSizeShape(), MAX_ITEMS_PER_FRAME) }),
    UnpinObjects: shape.fields({ objectIds: shape.list(objectIdShape(), MAX_ITEMS_PER_FRAME) }),
    GetStatus: shape.fields({ requestId: shape.integer(0) }),
    Goodbye: () => {},
  });
}

function actorRoleShape(): shape.Shape {
  const id = shape.text(MAX_ID_LENGTH);
  return shape.tagged({
    creation: shape.fields({
      name: shape.optional(id),
      maxConcurrency: shape.integer(1),
      isDetached: shape.truth(),
    }),
    call: shape.fields({ actorId: id, sequence: shape.integer(0) }),
  });
}

function rulesShape(): shape.Shape {
  const id = shape.text(MAX_ID_LENGTH);
  const names = shape.optional(shape.list(id, MAX_NAMES));
  return shape.fields({
    queueTimeoutMs: shape.optional(shape.number(0, Infinity)),
    run: shape.optional(shape.fields({ runId: id, weight: shape.number(1e-9, 1e9) })),
    affinity: shape.optional(shape.fields({
      nodes: names,
      labels: names,
      mode: shape.oneOf("require", "prefer"),
    })),
    speculate: shape.optional(shape.truth()),
    failFast: shape.optional(shape.truth()),
    idempotency: shape.optional(shape.fields({ key: id, fingerprint: id })),
    code: shape.optional(objectSizeShape()),
    stream: shape.optional(shape.oneOf("never", "restart", "continue")),
  });
}

/** What a head says to a client. */
export function headToClientShape(): shape.Shape {
  const id = shape.text(MAX_ID_LENGTH);
  const outcome = shape.tagged({
    succeeded: shape.fields({ result: resultShape() }),
    failed: shape.fields({ error: taskErrorShape() }),
    cancelled: () => {},
  });
  return shape.tagged({
    ItemsSent: shape.fields({
      taskId: shape.text(MAX_ID_LENGTH),
      attemptId: shape.integer(0),
      first: shape.integer(0),
      items,
    }),
    ItemsGranted: shape.fields(grant),
    Welcome: shape.fields({ protocol: shape.integer(0), heartbeatMs: shape.integer(1) }),
    TasksEnded: shape.fields({
      ended: shape.list(
        shape.fields({ taskId: id, outcome }),
        MAX_ITEMS_PER_FRAME,
      ),
    }),
    SubmissionsAllowed: shape.fields({ tasks: shape.integer(1) }),
    TasksWarned: shape.fields({
      warnings: shape.list(
        shape.fields({ taskId: id, warning: shape.text(MAX_MESSAGE_LENGTH) }),
        MAX_ITEMS_PER_FRAME,
      ),
    }),
    ActorFound: shape.fields({ requestId: shape.integer(0), actorId: shape.optional(id) }),
    Status: shape.fields({ requestId: shape.integer(0), status: shape.fields({}) }),
  });
}
