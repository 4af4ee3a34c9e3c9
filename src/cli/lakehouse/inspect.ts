import { formatSize } from "../../base/size_text.ts";
import type { Column } from "../../lakehouse/columns.ts";
import { diffVersions } from "../../lakehouse/diff_versions.ts";
import type { TableEntry } from "../../lakehouse/snapshots/manifest.ts";
import { formatTimestampS } from "../../lakehouse/timestamp_text.ts";
import { countFlag } from "../audit_command.ts";
import { tableLines } from "../table_lines.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import {
  AT_FLAG,
  findTable,
  type LakehouseCommand,
  parseVersion,
  PLACE_FLAGS,
  versionFlag,
  withPlace,
} from "./lakehouse_command.ts";

const DEFAULT_ROWS = 10;
const EXIT_TEXT = "Exit codes: 0 done · 2 there is no such table, version or lakehouse.";

const sizeOf = ({ parts }: TableEntry) => parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
const timeOf = (seconds: number | null) => seconds === null ? "-" : formatTimestampS(seconds);

/** `lakehouse ls`: the tables, or the versions. */
export const LS: LakehouseCommand = {
  brief: "lists tables, or versions",
  spec: {
    command: "deno task lakehouse ls",
    summary: "Lists the tables of a lakehouse, or its versions.",
    positionals: [],
    flags: [
      ...PLACE_FLAGS,
      AT_FLAG,
      { name: "versions", kind: "switch", help: "List versions instead, the newest one last." },
    ],
    epilogue: [EXIT_TEXT],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { flags, terminal } = input;
      if (flags.has("versions")) {
        const versions = await lake.history();
        if (flags.has("json")) terminal.out(JSON.stringify(versions));
        else {
          const rows = versions.map(({ version, committedAt, tables, note }) => [
            version,
            committedAt.replace(/\.\d+Z$/, "Z"),
            tables,
            note,
          ]);
          tableLines([["version", "committed", "tables", "note"], ...rows]).forEach(terminal.out);
        }
        return EXIT_CODES.ok;
      }
      const { tables, entry } = await lake.snapshot(versionFlag(input));
      const entries = [...tables.values()];
      if (flags.has("json")) {
        terminal.out(
          JSON.stringify({ version: entry?.version ?? null, tables: entries.map(brief) }),
        );
        return EXIT_CODES.ok;
      }
      const rows = entries.map((table) => [
        table.name,
        table.schema,
        table.rows,
        table.parts.length,
        formatSize(sizeOf(table)),
        timeOf(table.minTimestampS),
        timeOf(table.maxTimestampS),
      ]);
      const header = ["table", "schema", "rows", "parts", "size", "from", "to"];
      if (rows.length > 0) tableLines([header, ...rows]).forEach(terminal.out);
      terminal.out(
        entry === undefined
          ? `${lake.dir}: nothing was committed yet`
          : `${lake.dir}: version ${entry.version}, ${rows.length} tables`,
      );
      return EXIT_CODES.ok;
    }),
};

function brief(table: TableEntry) {
  const { name, schema, rows, sha256, sourceSha256, minTimestampS, maxTimestampS, parts } = table;
  const sizeBytes = sizeOf(table);
  const common = { name, schema, rows, parts: parts.length, sizeBytes, sha256, sourceSha256 };
  return { ...common, minTimestampS, maxTimestampS };
}

/** `lakehouse show`: the parts of a table. */
export const SHOW: LakehouseCommand = {
  brief: "shows a table's files, rows and bounds",
  spec: {
    command: "deno task lakehouse show",
    summary: "Shows what a version says of a table: its files with their rows, sizes and hashes.",
    positionals: ["TABLE"],
    flags: [...PLACE_FLAGS, AT_FLAG],
    epilogue: [EXIT_TEXT],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { terminal, flags } = input;
      const table = await findTable(lake, input);
      if (flags.has("json")) {
        terminal.out(JSON.stringify({ ...brief(table), parts: table.parts }));
        return EXIT_CODES.ok;
      }
      terminal.out(`Table:    ${table.name} (${table.schema})`);
      terminal.out(`Rows:     ${table.rows}`);
      terminal.out(`Times:    ${timeOf(table.minTimestampS)} to ${timeOf(table.maxTimestampS)}`);
      terminal.out(`Content:  ${table.sha256}`);
      terminal.out(`Source:   ${table.sourceSha256 ?? "-"}`);
      const rows = table.parts.map(({ file, rows, sizeBytes, sha256 }) => [
        rows,
        formatSize(sizeBytes),
        sha256.slice(0, 16),
        file,
      ]);
      tableLines([["rows", "size", "sha256", "file"], ...rows]).forEach(terminal.out);
      return EXIT_CODES.ok;
    }),
};

/** `lakehouse schema`: what a table promises. */
export const SCHEMA: LakehouseCommand = {
  brief: "shows what a table promises",
  spec: {
    command: "deno task lakehouse schema",
    summary: "Shows the declared schema of a table: columns, types, units, order, keys.",
    positionals: ["TABLE"],
    flags: [...PLACE_FLAGS, AT_FLAG],
    epilogue: [EXIT_TEXT],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { terminal, flags } = input;
      const { declared, schema } = await findTable(lake, input);
      if (flags.has("json")) {
        terminal.out(JSON.stringify(declared));
        return EXIT_CODES.ok;
      }
      terminal.out(schema);
      const rows = declared.columns.map(({ name, dtype, nullable, unit }) => [
        name,
        dtype,
        nullable ? "may be missing" : "always there",
        unit,
      ]);
      tableLines([["column", "type", "values", "unit"], ...rows]).forEach(terminal.out);
      terminal.out(`sorted by: ${declared.sortedBy.join(", ") || "-"}`);
      terminal.out(`unique:    ${declared.uniqueKeys.join(", ") || "-"}`);
      return EXIT_CODES.ok;
    }),
};

/** `lakehouse head`: the first rows. */
export const HEAD: LakehouseCommand = {
  brief: "prints the first rows of a table",
  spec: {
    command: "deno task lakehouse head",
    summary: "Prints the first rows of a table.",
    positionals: ["TABLE"],
    flags: [
      ...PLACE_FLAGS,
      AT_FLAG,
      {
        name: "rows",
        kind: "value",
        placeholder: "N",
        help: `How many (default: ${DEFAULT_ROWS}).`,
      },
      { name: "last", kind: "switch", help: "The last ones instead." },
    ],
    epilogue: [EXIT_TEXT],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { terminal, flags } = input;
      const table = await findTable(lake, input);
      const columns = await lake.readTable(table, table.declared);
      const count = Math.min(countFlag(input, "rows") ?? DEFAULT_ROWS, table.rows);
      const from = flags.has("last") ? table.rows - count : 0;
      const indices = Array.from({ length: count }, (_, i) => from + i);
      if (flags.has("json")) {
        for (const i of indices) {
          terminal.out(
            JSON.stringify(Object.fromEntries(columns.map((one) => [one.name, valueAt(one, i)]))),
          );
        }
        return EXIT_CODES.ok;
      }
      const rows = indices.map((i) => columns.map((column) => cellOf(column, i)));
      tableLines([columns.map(({ name }) => name), ...rows]).forEach(terminal.out);
      return EXIT_CODES.ok;
    }),
};

function valueAt({ values }: Column, i: number): number | string | null {
  const value = values[i];
  return typeof value === "number" && Number.isNaN(value) ? null : value;
}

function cellOf(column: Column, i: number): string | number {
  const value = valueAt(column, i) ?? "-";
  const isTime = column.name === "timestamp" || column.dtype === "timestamp" ||
    column.dtype === "date";
  return isTime && typeof value === "number" ? formatTimestampS(value) : value;
}

/** `lakehouse diff`: what changed between two versions. */
export const DIFF: LakehouseCommand = {
  brief: "shows what changed between two versions",
  spec: {
    command: "deno task lakehouse diff",
    summary: "Shows the tables that differ between two versions, each a number or a date.",
    positionals: ["FROM", "TO"],
    flags: PLACE_FLAGS,
    epilogue: ["Exit codes: 0 they are the same · 1 they differ · 2 there is no such version."],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { terminal, flags, positionals: [from, to] } = input;
      const differences = diffVersions(
        await lake.snapshot(parseVersion(from)),
        await lake.snapshot(parseVersion(to)),
      );
      if (flags.has("json")) terminal.out(JSON.stringify(differences));
      else if (differences.length === 0) terminal.out("No table differs.");
      else {
        const rows = differences.map(({ table, change, rowsBefore, rowsAfter, newParts }) => [
          table,
          change,
          rowsBefore,
          rowsAfter,
          newParts,
        ]);
        const header = ["table", "change", "rows before", "rows after", "new files"];
        tableLines([header, ...rows]).forEach(terminal.out);
      }
      return differences.length === 0 ? EXIT_CODES.ok : EXIT_CODES.failure;
    }),
};
