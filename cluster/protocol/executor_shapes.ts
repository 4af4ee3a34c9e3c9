import { MAX_FRAME_BYTES, MAX_MESSAGE_LENGTH } from "./limits.ts";
import * as shape from "./shapes.ts";
import { resultShape } from "./value_shapes.ts";

/** What an executor says: code of users runs there, so it is checked like a stranger. */
export function fromExecutorShape(): shape.Shape {
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
