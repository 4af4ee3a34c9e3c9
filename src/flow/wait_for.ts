import type { CancelScope } from "./cancel_scope.ts";
import type { FlowClock } from "./flow_clock.ts";

/** Resolves when the time has passed, or the scope is cancelled. */
export async function waitFor(
  delayMs: number,
  clock: FlowClock,
  scope: CancelScope,
): Promise<void> {
  if (scope.reason !== undefined) return;
  const waited = Promise.withResolvers<void>();
  const stopTimer = clock.after(delayMs, waited.resolve);
  const stopListening = scope.onCancel(() => waited.resolve());
  await waited.promise;
  stopTimer();
  stopListening();
}
