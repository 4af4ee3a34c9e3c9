import { MAX_ID_LENGTH, MAX_INLINE_BYTES, MAX_MESSAGE_LENGTH } from "./limits.ts";
import type { ErrorKind } from "../scheduler/types.ts";
import * as shape from "./shapes.ts";

/** A task's result: its bytes, or the name of an object. */
export function resultShape(): shape.Shape {
  return shape.tagged({
    inline: shape.fields({ bytes: shape.bytes(MAX_INLINE_BYTES) }),
    stored: shape.fields({ objectId: shape.text(64), sizeBytes: shape.integer(0) }),
  });
}

const TASK_ERROR_KINDS: readonly ErrorKind[] = [
  "thrown",
  "crashed",
  "out_of_memory",
  "refused",
  "timed_out",
  "lost",
  "dependency",
  "unschedulable",
];

/** Why a task failed. */
export function taskErrorShape(): shape.Shape {
  return shape.fields({
    kind: shape.oneOf(...TASK_ERROR_KINDS),
    name: shape.text(MAX_ID_LENGTH),
    message: shape.text(MAX_MESSAGE_LENGTH),
    stack: shape.optional(shape.text(MAX_MESSAGE_LENGTH)),
  });
}
