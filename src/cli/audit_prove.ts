import type { FamilyCommand } from "./command_family.ts";
import { UserError } from "../base/errors.ts";
import { findProofFlaw, parseRecordProof, proveRecord } from "../ledger/mod.ts";
import { countFlag, findRunLedger, OUT_FLAG } from "./audit_command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

/** `audit prove`: that one record stands in the ledger, to somebody who does not get the others. */
export const AUDIT_PROVE: FamilyCommand = {
  brief: "proves one record without showing the others",
  spec: {
    command: "deno task audit prove",
    summary:
      "Prints, as JSON, a record with what proves that it stands in the ledger: its way to the Merkle root (RFC 6962).",
    positionals: ["RUN_ID"],
    flags: [
      OUT_FLAG,
      { name: "line", kind: "value", placeholder: "N", help: "The record's line, from 1." },
    ],
    epilogue: ["Exit codes: 0 ok · 2 the input or the ledger is bad, or there is no such line."],
  },
  run: async (parsed, terminal) => {
    const line = countFlag(parsed, "line");
    if (line === undefined) {
      throw new UserError("command/missing", "Cannot prove a record without --line N", {
        hint: "deno task audit query RUN_ID shows the lines of steps.",
      });
    }
    const { path } = await findRunLedger(parsed);
    terminal.out(JSON.stringify(await proveRecord(path, line), null, 2));
    return EXIT_CODES.ok;
  },
};

/** `audit check`: checks such a proof. */
export const AUDIT_CHECK: FamilyCommand = {
  brief: "checks what `prove` has printed",
  spec: {
    command: "deno task audit check",
    summary:
      "Checks the proof of a record by itself. It is worth as much as the root is: compare that with one kept elsewhere.",
    positionals: ["PROOF_FILE"],
    flags: [
      { name: "root", kind: "value", placeholder: "HASH", help: "The root that it must lead to." },
    ],
    epilogue: ["Exit codes: 0 the proof holds · 1 it does not · 2 the input is bad."],
  },
  run: async ({ flags, positionals: [file] }, terminal) => {
    const proof = parseRecordProof(await readText(file));
    const root = flags.get("root");
    const flaw = findProofFlaw(proof) ??
      (root === undefined || root === proof.root
        ? undefined
        : `its root is ${proof.root}, not ${root}`);
    if (flaw !== undefined) {
      terminal.err(`The proof does not hold: ${flaw}`);
      return EXIT_CODES.failure;
    }
    terminal.out(`Line ${proof.line} of ${proof.records} records with the root ${proof.root}.`);
    terminal.out("The proof holds.");
    return EXIT_CODES.ok;
  },
};

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.IsADirectory)) {
      throw cause;
    }
    throw new UserError("file/unreadable", `Cannot read the proof ${path}: there is no such file`, {
      cause,
    });
  }
}
