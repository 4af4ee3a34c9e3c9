import { errorMessage } from "../base/errors.ts";
import { FlowCancelledError } from "../flow/mod.ts";
import type { Ledger } from "../ledger/mod.ts";

/** Closes the ledger of a run in which something was thrown.
 * @returns what its summary says of its end */
export function endOfBroken(error: unknown, ledger: Ledger): {
  readonly status: "cancelled" | "failed";
  readonly error: string;
  readonly ledger_hash: string;
} {
  const isCancelled = error instanceof FlowCancelledError;
  ledger.close(isCancelled ? "cancelled" : "abandoned");
  return {
    status: isCancelled ? "cancelled" : "failed",
    error: errorMessage(error),
    ledger_hash: ledger.headHash,
  };
}
