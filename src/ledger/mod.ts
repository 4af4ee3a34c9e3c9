/** The audit ledger: every decision of a run, chained by hashes. @module */
export { type IntentToken, type Ledger, type LedgerOptions, openLedger } from "./ledger.ts";
export type { Genesis, OutcomeStatus } from "./records.ts";
export type { BadLine, OpenIntent } from "./scan_ledger.ts";
export { type LedgerVerdict, verifyLedger } from "./verify_ledger.ts";
export type { Json } from "../base/canonical_json.ts";
export type { Clock } from "../base/clock.ts";
