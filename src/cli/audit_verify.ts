import { type LedgerVerdict, verifyLedger } from "../ledger/mod.ts";
import { type AuditCommand, findRunLedger, OUT_FLAG, type Terminal } from "./audit_command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

/** `audit verify`: checks the whole chain. */
export const AUDIT_VERIFY: AuditCommand = {
  brief: "checks the hash chain over all records",
  spec: {
    command: "deno task audit verify",
    summary:
      "Checks the audit ledger of a run: every record's hash, and that it follows from the one before.",
    positionals: ["RUN_ID"],
    flags: [OUT_FLAG, { name: "json", kind: "switch", help: "Print the verdict as JSON." }],
    epilogue: ["Exit codes: 0 the ledger is whole · 1 it is broken · 2 the input is bad."],
  },
  run: async (parsed, terminal) => {
    const { path } = await findRunLedger(parsed);
    const verdict = await verifyLedger(path);
    if (parsed.flags.has("json")) terminal.out(JSON.stringify({ path, ...verdict }));
    else printVerdict(path, verdict, terminal);
    return verdict.ok ? EXIT_CODES.ok : EXIT_CODES.failure;
  },
};

function printVerdict(path: string, verdict: LedgerVerdict, terminal: Terminal): void {
  const { ok, records, headHash, firstBad, intentsWithoutOutcome } = verdict;
  terminal.out(`Ledger:    ${path}`);
  terminal.out(`Records:   ${records}${ok ? "" : " good ones, before the first bad one"}`);
  terminal.out(`Head hash: ${headHash}`);
  if (firstBad !== undefined) {
    terminal.err(`The ledger is broken at line ${firstBad.line}: ${firstBad.reason}`);
    return;
  }
  if (intentsWithoutOutcome.length > 0) {
    const [{ step, intent }] = intentsWithoutOutcome as [{ step: string; intent: number }];
    terminal.out(
      `Open:      ${intentsWithoutOutcome.length} steps without an outcome, first ${step} (intent ${intent}): ` +
        "the run is going on, or was killed",
    );
  }
  terminal.out("The ledger is whole.");
}
