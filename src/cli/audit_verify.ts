import type { FamilyCommand, Terminal } from "./command_family.ts";
import { findAnchorConflict, type LedgerVerdict, verifyLedger } from "../ledger/mod.ts";
import { withS3Anchor } from "./audit_anchor.ts";
import { findRunLedger, OUT_FLAG } from "./audit_command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

/** `audit verify`: checks the whole chain. */
export const AUDIT_VERIFY: FamilyCommand = {
  brief: "checks the hash chain over all records",
  spec: {
    command: "deno task audit verify",
    summary:
      "Checks the audit ledger of a run: every record's hash, and that it follows from the one before.",
    positionals: ["RUN_ID"],
    flags: [
      OUT_FLAG,
      {
        name: "anchor",
        kind: "value",
        placeholder: "s3://BUCKET/PREFIX",
        help: "Compare it with the heads that `audit anchor` has kept there, too.",
      },
      { name: "json", kind: "switch", help: "Print the verdict as JSON." },
    ],
    epilogue: [
      "Exit codes: 0 the ledger is whole · 1 it is broken, or not the one kept · 2 the input is bad.",
    ],
  },
  run: async (parsed, terminal) => {
    const { path, runId } = await findRunLedger(parsed);
    const verdict = await verifyLedger(path);
    const anchor = parsed.flags.get("anchor");
    // A broken chain needs no comparison.
    const conflict = anchor === undefined || !verdict.ok
      ? undefined
      : await findConflict(path, runId, anchor);
    if (parsed.flags.has("json")) {
      terminal.out(JSON.stringify({ path, ...verdict, ok: verdict.ok && !conflict, conflict }));
    } else {
      printVerdict(path, verdict, terminal);
      if (conflict !== undefined) terminal.err(`The ledger is not the one kept: ${conflict}`);
      else if (anchor !== undefined && verdict.ok) terminal.out(`It agrees with ${anchor}.`);
    }
    return verdict.ok && conflict === undefined ? EXIT_CODES.ok : EXIT_CODES.failure;
  },
};

async function findConflict(
  path: string,
  runId: string,
  anchor: string,
): Promise<string | undefined> {
  const heads = await withS3Anchor(anchor, (kept) => kept.list(runId));
  return heads.length === 0
    ? `${anchor} has no head of run ${runId}`
    : await findAnchorConflict(path, heads);
}

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
