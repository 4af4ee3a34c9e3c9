import type { CancelScope } from "./cancel_scope.ts";
import type { ClaimedRun } from "./store/claimed_run.ts";
import type { FlowStore } from "./store/flow_store.ts";
import type { RunClaim } from "./store/run_registry.ts";

/** Claims a run as soon as the limit of its flow has room.
 * @throws {UserError} as `RunRegistry.claim`
 * @throws {Error} the scope's reason when that is cancelled while the run waits */
export async function claimRun(
  store: FlowStore,
  claim: () => RunClaim,
  scope: CancelScope,
): Promise<ClaimedRun> {
  while (true) {
    const claimed = store.registry.claim(claim());
    if ("run" in claimed) return claimed;
    const changed = Promise.withResolvers<void>();
    const stopWatching = store.onChange(changed.resolve);
    try {
      await scope.race(changed.promise);
    } finally {
      stopWatching();
    }
  }
}
