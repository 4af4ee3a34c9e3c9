import {
  MAX_DEPENDENCIES,
  MAX_ID_LENGTH,
  MAX_ITEMS_PER_FRAME,
  MAX_MESSAGE_LENGTH,
  MAX_NESTED_FRAME_BYTES,
} from "./limits.ts";
import * as shape from "./shapes.ts";
import { errorDetailsShape, objectIdShape, resultShape } from "./value_shapes.ts";

/** What an executor says: code of users runs there, so it is checked like a stranger. */
export function fromExecutorShape(): shape.Shape {
  const ended = {
    attemptId: shape.integer(0),
    wroteOutput: shape.truth(),
    durationMs: shape.number(0, Number.MAX_SAFE_INTEGER),
  };
  const error = shape.fields({
    name: shape.text(MAX_ID_LENGTH),
    message: shape.text(MAX_MESSAGE_LENGTH),
    stack: shape.text(MAX_MESSAGE_LENGTH),
    details: errorDetailsShape(),
  });
  const attempt = shape.fields({ attemptId: shape.integer(0) });
  const object = shape.fields({ requestId: shape.integer(0), objectId: shape.text(64) });
  return shape.tagged({
    Ready: shape.fields({ pid: shape.integer(1) }),
    Succeeded: shape.fields({ ...ended, result: resultShape() }),
    Failed: shape.fields({ ...ended, error }),
    ActorState: shape.fields({ attemptId: shape.integer(0), state: resultShape() }),
    Blocked: attempt,
    Resumed: attempt,
    Returned: shape.fields({ attemptIds: shape.list(shape.integer(0), MAX_ITEMS_PER_FRAME) }),
    NestedFrame: shape.fields({
      attemptId: shape.integer(0),
      frame: shape.bytes(MAX_NESTED_FRAME_BYTES),
    }),
    FetchObject: object,
    StoreObject: object,
    Starved: shape.fields({
      ...ended,
      objectIds: shape.list(objectIdShape(), MAX_DEPENDENCIES),
      message: shape.text(MAX_MESSAGE_LENGTH),
    }),
  });
}
