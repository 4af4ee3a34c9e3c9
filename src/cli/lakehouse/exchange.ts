import { writeFileAtomic } from "../../base/atomic_file.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { fetchPrices } from "../../lakehouse/prices/fetch_prices.ts";
import { inferSchema } from "../../lakehouse/infer_schema.ts";
import type { Lakehouse } from "../../lakehouse/lakehouse.ts";
import { decodeParquet, encodeParquet } from "../../lakehouse/parquet/parquet_codec.ts";
import { readPrices } from "../../lakehouse/price_files/read_prices.ts";
import { encodeCsv } from "../../lakehouse/table_csv.ts";
import { parseTimestampS } from "../../lakehouse/timestamp_text.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import type { ParsedFlags } from "../flags.ts";
import {
  AT_FLAG,
  findTable,
  type LakehouseCommand,
  PLACE_FLAGS,
  withPlace,
} from "./lakehouse_command.ts";

/** What an import did. */
interface Imported {
  readonly tables: number;
  /** Tables whose content changed. */
  readonly written: number;
  readonly rows: number;
}

/** `lakehouse import`: takes a file in. */
export const IMPORT: LakehouseCommand = {
  brief: "takes a file of prices, or a Parquet table, in",
  spec: {
    command: "deno task lakehouse import",
    summary:
      "Takes a wide file of closes (CSV or Parquet: a date column, then a column a symbol) in, a table a symbol; or, with --table, a Parquet file as it is.",
    positionals: ["FILE"],
    flags: [
      ...PLACE_FLAGS.filter(({ name }) => name !== "offline"),
      {
        name: "table",
        kind: "value",
        placeholder: "NAME",
        help: "Take a Parquet file in as this table.",
      },
      { name: "merge", kind: "switch", help: "Keep older rows whose times the file has not." },
    ],
    epilogue: [
      "Exit codes: 0 done · 1 the store failed · 2 the file cannot be used; then nothing changed.",
    ],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { flags, terminal, positionals: [path] } = input;
      const table = flags.get("table");
      const mode = flags.has("merge") ? "merge" : "replace";
      const imported = table === undefined
        ? await importPrices(lake, path, mode)
        : await importTable(lake, path, table, mode);
      const { tables, written, rows } = imported;
      terminal.out(
        flags.has("json")
          ? JSON.stringify(imported)
          : `${path}: ${written} of ${tables} tables written, ${rows} rows; ${lake.dir} is at version ${
            (await lake.history()).at(-1)?.version ?? 0
          }.`,
      );
      return EXIT_CODES.ok;
    }),
};

async function importPrices(
  lake: Lakehouse,
  path: string,
  mode: "merge" | "replace",
): Promise<Imported> {
  const prices = await readPrices(path);
  const fetched = await fetchPrices(lake, prices, prices.panel.symbols, { mode });
  return {
    tables: fetched.length,
    written: fetched.filter(({ status }) => status === "written").length,
    rows: fetched.reduce((sum, { rows }) => sum + rows, 0),
  };
}

async function importTable(
  lake: Lakehouse,
  path: string,
  name: string,
  mode: "merge" | "replace",
): Promise<Imported> {
  const bytes = await Deno.readFile(path).catch((cause) => {
    throw new UserError("file/unreadable", `Cannot read ${path}: ${errorMessage(cause)}`, {
      cause,
    });
  });
  const columns = await decodeParquet(bytes, path);
  const current = (await lake.list()).get(name);
  const schema = mode === "merge" && current !== undefined
    ? current.declared
    : inferSchema("imported", columns);
  const sourceSha256 = sha256Hex(bytes);
  const [entry] = await lake.writeTables(
    [{ name, schema, columns, mode, sourceSha256 }],
    `import of ${path}`,
  );
  return { tables: 1, written: entry.sha256 === current?.sha256 ? 0 : 1, rows: entry.rows };
}

/** `lakehouse export`: writes a table into a file. */
export const EXPORT: LakehouseCommand = {
  brief: "writes a table as Parquet or CSV",
  spec: {
    command: "deno task lakehouse export",
    summary:
      "Writes a table, or some of its columns and dates, into a file ending in .parquet or .csv.",
    positionals: ["TABLE", "FILE"],
    flags: [
      ...PLACE_FLAGS,
      AT_FLAG,
      { name: "columns", kind: "value", placeholder: "A,B", help: "Only these columns." },
      {
        name: "since",
        kind: "value",
        placeholder: "TIME",
        help: "Only rows of this time or later.",
      },
      {
        name: "until",
        kind: "value",
        placeholder: "TIME",
        help: "Only rows of this time or before.",
      },
    ],
    epilogue: ["Exit codes: 0 done · 2 bad input: then no file was written."],
  },
  run: (input) =>
    withPlace(input, async (lake) => {
      const { flags, terminal, positionals: [, path] } = input;
      const format = /\.(parquet|csv)$/i.exec(path)?.[1].toLowerCase();
      if (format === undefined) {
        throw new UserError(
          "command/bad-value",
          `Cannot write ${path}: its name has to end in .parquet or .csv`,
        );
      }
      const table = await findTable(lake, input);
      const columns = await lake.readTable(table, table.declared, {
        columns: flags.get("columns")?.split(",").map((name) => name.trim()),
        from: timeFlag(input, "since"),
        to: timeFlag(input, "until"),
      });
      const data = format === "csv" ? encodeCsv(columns) : await encodeParquet(columns);
      await writeFileAtomic(path, data);
      const rows = columns[0]?.values.length ?? 0;
      terminal.out(
        flags.has("json")
          ? JSON.stringify({ path, rows, columns: columns.length })
          : `${path}: ${rows} rows of ${columns.length} columns.`,
      );
      return EXIT_CODES.ok;
    }),
};

function timeFlag({ flags }: ParsedFlags, name: string): number | undefined {
  const text = flags.get(name);
  if (text === undefined) return undefined;
  const seconds = parseTimestampS(text);
  if (!Number.isNaN(seconds)) return seconds;
  throw new UserError("command/bad-value", `Cannot use --${name} ${JSON.stringify(text)}`, {
    hint: "A date or time is expected, for instance 2026-01-31.",
  });
}
