import type { FamilyCommand } from "./command_family.ts";
import { CONTEXT_COLUMNS, queryLedger, selectSteps } from "../ledger/mod.ts";
import { findRunLedger, OUT_FLAG } from "./audit_command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

const FILTERS = ["step", "status", ...CONTEXT_COLUMNS] as const;

/** What is printed where no SQL says otherwise: context, inputs and outputs are long. */
const SHORT_COLUMNS = ["intent", "step", ...CONTEXT_COLUMNS, "status", "duration_ms", "line"];

/** `audit query`: the steps as a table. */
export const AUDIT_QUERY: FamilyCommand = {
  brief: "finds steps by kind, window, profile, or in SQL",
  spec: {
    command: "deno task audit query",
    summary: "Prints the steps of a run as a table, an intent with its outcome in one row.",
    positionals: ["RUN_ID"],
    flags: [
      OUT_FLAG,
      ...FILTERS.map((name) => ({
        name,
        kind: "value" as const,
        placeholder: name.toUpperCase(),
        help: name === "status"
          ? "Only steps that ended so; open: those that did not."
          : `Only steps of this ${name === "step" ? "kind" : name}.`,
      })),
      { name: "sql", kind: "value", placeholder: "QUERY", help: "Ask the table, called steps." },
      { name: "json", kind: "switch", help: "Print the rows as JSON, one a line, all columns." },
    ],
    epilogue: [
      'Example: deno task audit query monday --step optimise --sql "select profile, avg(duration_ms) from steps group by profile"',
      "Exit codes: 0 ok, also without rows · 2 the input or the ledger is bad.",
    ],
  },
  run: async (parsed, terminal) => {
    const { path } = await findRunLedger(parsed);
    const { flags } = parsed;
    const steps = await queryLedger(
      path,
      Object.fromEntries(FILTERS.map((name) => [name, flags.get(name)])),
    );
    const sql = flags.get("sql");
    const rows = sql === undefined ? steps : await selectSteps(steps, sql);
    if (flags.has("json")) {
      for (const row of rows.toRecords()) terminal.out(JSON.stringify(row, writeBigInt));
    } else {
      const shown = sql === undefined ? rows.select(...SHORT_COLUMNS) : rows;
      for (const line of renderTable(shown.columns, shown.rows())) terminal.out(line);
    }
    return EXIT_CODES.ok;
  },
};

function writeBigInt(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function renderTable(columns: readonly string[], rows: readonly unknown[][]): string[] {
  const cells = [columns, ...rows.map((row) => row.map((value) => String(value ?? "")))];
  const widths = columns.map((_, i) =>
    cells.reduce((most, row) => Math.max(most, row[i].length), 0)
  );
  return cells.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
}
