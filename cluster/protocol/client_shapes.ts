import {
  MAX_DEPENDENCIES,
  MAX_ID_LENGTH,
  MAX_ITEMS_PER_FRAME,
  MAX_PAYLOAD_BYTES,
} from "./limits.ts";
import * as shape from "./shapes.ts";
import { resultShape, taskErrorShape } from "./value_shapes.ts";

/** What a client says. */
export function clientShape(): shape.Shape {
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

/** What a head says to a client. */
export function headToClientShape(): shape.Shape {
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
