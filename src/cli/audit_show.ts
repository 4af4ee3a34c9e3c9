import type { FamilyCommand } from "./command_family.ts";
import { type Json, type LedgerRecord, readLedger } from "../ledger/mod.ts";
import { countFlag, findRunLedger, OUT_FLAG } from "./audit_command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

const DEFAULT_LAST = 20;
const MAX_TEXT = 160;

/** `audit show`: the records themselves. */
export const AUDIT_SHOW: FamilyCommand = {
  brief: "prints the last records, or one whole",
  spec: {
    command: "deno task audit show",
    summary: "Prints records of the audit ledger of a run, which is checked on the way.",
    positionals: ["RUN_ID"],
    flags: [
      OUT_FLAG,
      {
        name: "last",
        kind: "value",
        placeholder: "N",
        help: `How many (default: ${DEFAULT_LAST}).`,
      },
      { name: "line", kind: "value", placeholder: "N", help: "This record alone, whole." },
      { name: "json", kind: "switch", help: "Print the records as they are, one a line." },
    ],
    epilogue: ["Exit codes: 0 ok · 2 the input or the ledger is bad, or there is no such line."],
  },
  run: async (parsed, terminal) => {
    const { path } = await findRunLedger(parsed);
    const line = countFlag(parsed, "line");
    const last = countFlag(parsed, "last") ?? DEFAULT_LAST;
    const records: LedgerRecord[] = [];
    const { records: total } = await readLedger(path, (record) => {
      if (line !== undefined && record.line !== line) return;
      records.push(record);
      // Cut back now and then, not each time: moving the rest costs as much as there is of it.
      if (records.length >= 2 * last + 1_000) records.splice(0, records.length - last);
    });
    if (line !== undefined && records.length === 0) {
      terminal.err(`Cannot show line ${line} of ${path}: it has ${total} records`);
      return EXIT_CODES.badInput;
    }
    for (const record of records.slice(-last)) {
      terminal.out(
        parsed.flags.has("json")
          ? JSON.stringify(record.members)
          : line !== undefined
          ? JSON.stringify(record.members, null, 2)
          : describe(record),
      );
    }
    return EXIT_CODES.ok;
  },
};

function describe({ line, type, members }: LedgerRecord): string {
  const { at, intent, step, status, context, outputs } = members;
  const what = type === "intent"
    ? [`#${intent}`, step, compact(context)]
    : type === "outcome"
    ? [`#${intent}`, step, status, compact(outputs)]
    : type === "repaired"
    ? [`${members["dropped_bytes"]} bytes of a torn line were cut off`]
    : [`run ${members["run_id"]}`, `profile ${members["profile"]}`];
  return [String(line).padStart(6), at, type.padEnd(8), ...what].join("  ");
}

function compact(value: Json | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
