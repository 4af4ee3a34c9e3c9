import type { ErrorDetails, TaskError, ThrownError } from "../scheduler/types.ts";
import { TaskFailedError } from "./types.ts";

/** The error that a caller gets for a task that failed; its cause is what was thrown at the node, made anew. */
export function taskFailed(taskName: string, error: TaskError): TaskFailedError {
  const { kind, name, message, stack, place, details } = error;
  const where = place === undefined
    ? ""
    : ` on node ${place.workerId} (attempt ${place.attemptNumber})`;
  return new TaskFailedError(`Task ${taskName} failed${where}: ${message}`, kind, name, stack, {
    reason: message,
    ...(kind === "thrown" && { cause: remake({ name, message, stack: stack ?? "", ...details }) }),
  });
}

const CLASSES: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

function remake(thrown: ThrownError): Error {
  const { name, message, stack } = thrown;
  const errors = thrown.errors?.map(remake);
  const error = errors === undefined
    ? new (CLASSES[name] ?? Error)(message)
    : new AggregateError(errors, message);
  if (error.name !== name) define(error, "name", name);
  define(error, "stack", stack);
  if (thrown.cause !== undefined) define(error, "cause", remake(thrown.cause));
  for (const [key, value] of Object.entries(thrown.properties ?? {} as ErrorDetails)) {
    define(error, key, value, true);
  }
  return error;
}

/** Not by assignment, which a property named `__proto__` would turn into something else. */
function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}
