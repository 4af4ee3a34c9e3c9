import {
  MAX_ERROR_CAUSES,
  MAX_ERROR_ERRORS,
  MAX_ID_LENGTH,
  MAX_INLINE_BYTES,
  MAX_MESSAGE_LENGTH,
} from "./limits.ts";
import type { ErrorKind } from "../scheduler/types.ts";
import * as shape from "./shapes.ts";

/** A task's result: its bytes, or the name of an object. */
export function resultShape(): shape.Shape {
  return shape.tagged({
    inline: shape.fields({ bytes: shape.bytes(MAX_INLINE_BYTES) }),
    stored: objectSizeShape(),
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
  "actor_lost",
  "actor_dead",
  "unprepared",
  "interrupted",
];

/** Names an object, and its size. */
export function objectSizeShape(): shape.Shape {
  return shape.fields({ objectId: objectIdShape(), sizeBytes: shape.integer(0) });
}

/** An object's id: 64 hexadecimal digits. */
export function objectIdShape(): shape.Shape {
  const text = shape.text(64);
  return (value, path) => {
    text(value, path);
    if (!/^[0-9a-f]{64}$/.test(value as string)) {
      throw new shape.ProtocolError(`Cannot read a message: ${path} is no object's id`);
    }
  };
}

/** Why a task failed. */
export function taskErrorShape(): shape.Shape {
  return shape.fields({
    kind: shape.oneOf(...TASK_ERROR_KINDS),
    name: shape.text(MAX_ID_LENGTH),
    message: shape.text(MAX_MESSAGE_LENGTH),
    stack: shape.optional(shape.text(MAX_MESSAGE_LENGTH)),
    details: shape.optional(errorDetailsShape()),
    place: shape.optional(
      shape.fields({ workerId: shape.text(MAX_ID_LENGTH), attemptNumber: shape.integer(1) }),
    ),
  });
}

/** What an error carries besides class, message and stack: plain data, and other errors down to a depth. */
export function errorDetailsShape(depth = 0): shape.Shape {
  const own = {
    properties: shape.optional(shape.plain({ maxDepth: 16, maxItems: 10_000 })),
  };
  if (depth > MAX_ERROR_CAUSES) return shape.fields(own);
  const thrown = (value: unknown, path: string) => {
    thrownFields(value, path);
    errorDetailsShape(depth + 1)(value, path);
  };
  return shape.fields({
    ...own,
    cause: shape.optional(thrown),
    errors: shape.optional(shape.list(thrown, MAX_ERROR_ERRORS)),
  });
}

const thrownFields = shape.fields({
  name: shape.text(MAX_ID_LENGTH),
  message: shape.text(MAX_MESSAGE_LENGTH),
  stack: shape.text(MAX_MESSAGE_LENGTH),
});
