/** The audit ledger: every decision of a run, chained by hashes. @module */
export {
  type AnchoredHead,
  anchorLedger,
  findAnchorConflict,
  type LedgerAnchor,
} from "./anchor.ts";
export { type IntentToken, type Ledger, type LedgerOptions, openLedger } from "./ledger.ts";
export type { Genesis, OutcomeStatus } from "./records.ts";
export { CONTEXT_COLUMNS, type LedgerFilter, queryLedger, selectSteps } from "./query_ledger.ts";
export { type LedgerRecord, readLedger } from "./read_ledger.ts";
export { findProofFlaw, parseRecordProof, proveRecord, type RecordProof } from "./record_proof.ts";
export type { BadLine, LedgerScan, OpenIntent } from "./scan_ledger.ts";
export { type LedgerVerdict, verifyLedger } from "./verify_ledger.ts";
export type { Json } from "../base/canonical_json.ts";
export type { Clock } from "../base/clock.ts";
