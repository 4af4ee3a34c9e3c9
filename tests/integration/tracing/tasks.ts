import { trace } from "@opentelemetry/api";

/** Traces a part of its work. */
export function traced(n: number): number {
  const span = trace.getTracer("user").startSpan("inside the task");
  span.end();
  return n + 1;
}

/** Throws. */
export function failing(): never {
  throw new RangeError("no luck");
}
