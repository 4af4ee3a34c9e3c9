import type { AttemptRecord } from "../../../cluster/head/telemetry/attempt_record.ts";

/** An attempt with its place on the timeline; times are milliseconds since the Unix epoch, with fractions. */
export interface Slice {
  readonly record: AttemptRecord;
  readonly startMs: number;
  readonly endMs: number;
}

/** One line of a node: what ran there never overlaps. */
export interface Row {
  readonly workerId: string;
  readonly label: string;
  readonly slices: readonly Slice[];
}

/** PURE: lays attempts out in rows, those of a node together: one for each of its executors, and as many as are needed
 * for attempts of which no executor is known, such as lost ones. Attempts that never started have no place.
 *
 * The head knows when a report came, and several come at once; an executor runs one attempt after another and says how
 * long each took. So each ends when it was reported, or when the next one of its executor began. */
export function layOut(records: readonly AttemptRecord[]): Row[] {
  const byRow = new Map<string, AttemptRecord[]>();
  for (const record of records) {
    if (record.startedAtMs === undefined) continue;
    const key = JSON.stringify([record.workerId, record.executorPid ?? null]);
    const row = byRow.get(key);
    if (row === undefined) byRow.set(key, [record]);
    else row.push(record);
  }
  const rows = [...byRow.values()].flatMap((row) =>
    row[0].executorPid === undefined ? packRows(row) : [executorRow(row)]
  );
  return rows.sort((a, b) =>
    compare(a.workerId, b.workerId) || compare(a.slices[0].startMs, b.slices[0].startMs)
  );
}

function executorRow(records: readonly AttemptRecord[]): Row {
  const slices: Slice[] = [];
  let nextStartMs = Infinity;
  for (const record of records.toReversed()) {
    const endMs = Math.min(record.endedAtMs, nextStartMs);
    const startMs = endMs - record.durationMs;
    slices.push({ record, startMs, endMs });
    nextStartMs = startMs;
  }
  const [{ workerId, executorPid }] = records;
  return { workerId, label: `executor ${executorPid}`, slices: slices.reverse() };
}

/** Each into the first row that is free when it starts. */
function packRows(records: readonly AttemptRecord[]): Row[] {
  const { workerId } = records[0];
  const slices = records.map((record): Slice => ({
    record,
    startMs: record.startedAtMs as number,
    endMs: Math.max(record.endedAtMs, record.startedAtMs as number),
  })).sort((a, b) => a.startMs - b.startMs);
  const rows: Slice[][] = [];
  for (const slice of slices) {
    const free = rows.find((row) => row[row.length - 1].endMs <= slice.startMs);
    if (free === undefined) rows.push([slice]);
    else free.push(slice);
  }
  return rows.map((row, i) => ({
    workerId,
    label: `unknown executor ${i + 1}`,
    slices: row,
  }));
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
