import { executionWrite, readExecution } from "../lakehouse/prices/execution_table.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { TableWrite } from "../lakehouse/write_tables.ts";
import type { Candidate } from "./discover.ts";

/** The write that brings the table of execution rules up to date with candidates; rows of other symbols stay. */
export async function updateExecution(
  lake: Lakehouse,
  candidates: readonly Candidate[],
  nowS: number,
): Promise<TableWrite> {
  const records = new Map((await readExecution(lake)).map((record) => [record.symbol, record]));
  for (const { record: { symbol }, execution } of candidates) {
    records.set(symbol, { symbol, ...execution, updatedAtS: nowS });
  }
  return executionWrite([...records.values()]);
}
