import { type Column, numbersOf } from "../lakehouse/columns.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { TableWrite } from "../lakehouse/write_tables.ts";
import type { TableSchema } from "../lakehouse/table_schema.ts";
import { joinRanges, type TimeRange } from "./time_ranges.ts";

/** The name of the table of what has been asked. */
const COVERAGE_TABLE = "coverage";

/** What sources have answered for: `answered` times were told, with or without bars; `empty` ones are gaps that were asked
 * for again and confirmed. */
export type AnswerKind = "answered" | "empty";

/** What has been asked of sources, table by table. By it a fetch asks for nothing twice, a symbol that is younger than the
 * lookback is not asked for its past every day, and a gap that a source has confirmed is left alone. */
export class Coverage {
  readonly #answers: Map<string, Record<AnswerKind, TimeRange[]>>;

  private constructor(answers: Map<string, Record<AnswerKind, TimeRange[]>>) {
    this.#answers = answers;
  }

  /** Reads it; a lakehouse without the table has asked for nothing. */
  static async read(lake: Lakehouse): Promise<Coverage> {
    const entry = (await lake.list()).get(COVERAGE_TABLE);
    const coverage = new Coverage(new Map());
    if (entry === undefined) return coverage;
    const columns = await lake.readTable(entry, COVERAGE_SCHEMA);
    const [tables, kinds] = columns.filter((column) => column.dtype === "utf8");
    const froms = numbersOf(columns, "from"), tos = numbersOf(columns, "to");
    froms.forEach((fromS, row) => {
      const table = String(tables.values[row]);
      coverage.add(table, kinds.values[row] as AnswerKind, { fromS, toS: tos[row] });
    });
    return coverage;
  }

  /** The times of a table that were answered for, rising. */
  ranges(table: string, kind: AnswerKind): readonly TimeRange[] {
    return this.#answers.get(table)?.[kind] ?? [];
  }

  /** Notes an answer. */
  add(table: string, kind: AnswerKind, range: TimeRange): void {
    const known = this.#answers.get(table) ?? { answered: [], empty: [] };
    this.#answers.set(table, { ...known, [kind]: joinRanges([...known[kind], range]) });
  }

  /** Forgets all answers of a table: its source tells another past. */
  forget(table: string): void {
    this.#answers.delete(table);
  }

  /** The write that keeps it, to be committed together with the bars. */
  write(): TableWrite {
    const rows = [...this.#answers].flatMap(([table, answers]) =>
      (["answered", "empty"] as const).flatMap((kind) =>
        answers[kind].map(({ fromS, toS }) => ({ table, kind, fromS, toS }))
      )
    ).sort((a, b) => a.table < b.table ? -1 : a.table > b.table ? 1 : 0);
    const columns: Column[] = [
      { name: "table", dtype: "utf8", values: rows.map(({ table }) => table) },
      { name: "kind", dtype: "utf8", values: rows.map(({ kind }) => kind) },
      { name: "from", dtype: "i64", values: Float64Array.from(rows, ({ fromS }) => fromS) },
      { name: "to", dtype: "i64", values: Float64Array.from(rows, ({ toS }) => toS) },
    ];
    return {
      name: COVERAGE_TABLE,
      schema: COVERAGE_SCHEMA,
      columns,
      mode: "replace",
      sourceSha256: null,
    };
  }
}

const COVERAGE_SCHEMA: TableSchema = {
  name: "coverage",
  version: 1,
  columns: [
    { name: "table", dtype: "utf8", nullable: false, unit: "name of a table" },
    { name: "kind", dtype: "utf8", nullable: false, unit: "answered or empty" },
    { name: "from", dtype: "i64", nullable: false, unit: "s since 1970, UTC" },
    { name: "to", dtype: "i64", nullable: false, unit: "s since 1970, UTC" },
  ],
  sortedBy: ["table"],
  uniqueKeys: ["table", "kind", "from"],
};
