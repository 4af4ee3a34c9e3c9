import type { Column } from "../lakehouse/columns.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { TableWrite } from "../lakehouse/write_tables.ts";
import { PRICES_SCHEMA } from "../lakehouse/prices/prices_schema.ts";
import type { Coverage } from "./coverage.ts";
import type { Bars } from "./sources/bar_source.ts";
import type { TimeRange } from "./time_ranges.ts";

/** What a killed fetch loses at most. */
const MAX_TABLES = 50;
const MAX_BARS = 200_000;

/** Bars for one table, and what was answered for with them. */
export interface BarWrite {
  readonly table: string;
  readonly bars: Bars;
  /** `merge` joins them to those that are there, the newer ones winning; `replace` takes their place. */
  readonly mode: "merge" | "replace";
  readonly answered: readonly TimeRange[];
  /** Gaps that the source has confirmed. */
  readonly empty?: readonly TimeRange[];
  /** Of the file that the bars are from; null for other sources. */
  readonly sourceSha256: string | null;
}

/** Writes bars into the lakehouse, many tables in a commit, and with them what was asked: a reader sees both or none, and
 * a fetch that is killed goes on after the last commit. */
export class TableCommits {
  readonly #lake: Lakehouse;
  readonly #coverage: Coverage;
  #waiting: BarWrite[] = [];
  #waitingBars = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(lake: Lakehouse, coverage: Coverage) {
    this.#lake = lake;
    this.#coverage = coverage;
  }

  /** Takes bars; commits when enough have come together. */
  async add(write: BarWrite): Promise<void> {
    // Two writes of one table are two commits: the second has to see what the first has written.
    if (this.#waiting.some(({ table }) => table === write.table)) await this.flush();
    this.#waiting.push(write);
    this.#waitingBars += write.bars.close.length;
    if (this.#waiting.length >= MAX_TABLES || this.#waitingBars >= MAX_BARS) await this.flush();
  }

  /** Commits all that waits. */
  flush(): Promise<void> {
    const turn = this.#turn.then(() => this.#commit());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #commit(): Promise<void> {
    const writes = this.#waiting;
    if (writes.length === 0) return;
    this.#waiting = [];
    this.#waitingBars = 0;
    for (const { table, mode, answered, empty = [] } of writes) {
      if (mode === "replace") this.#coverage.forget(table);
      for (const range of answered) this.#coverage.add(table, "answered", range);
      for (const range of empty) this.#coverage.add(table, "empty", range);
    }
    const bars = writes.filter(({ bars, mode }) => mode === "replace" || bars.close.length > 0);
    await this.#lake.writeTables([...bars.map(tableWrite), this.#coverage.write()]);
  }
}

function tableWrite({ table, bars, mode, sourceSha256 }: BarWrite): TableWrite {
  const columns = PRICES_SCHEMA.columns.map(({ name }): Column =>
    name === "timestamp"
      ? { name, dtype: "i64", values: bars.timestampsS }
      : { name, dtype: "f64", values: bars[name as keyof Bars] }
  );
  return { name: table, schema: PRICES_SCHEMA, columns, mode, sourceSha256 };
}
