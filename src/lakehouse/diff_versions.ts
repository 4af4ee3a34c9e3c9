import type { Manifest } from "./snapshots/manifest.ts";

/** How a table differs between two versions. */
export interface TableDifference {
  readonly table: string;
  readonly change: "added" | "removed" | "changed";
  /** Rows before and after; 0 where there is no such table. */
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** Parts of the later version that the earlier one has not. */
  readonly newParts: number;
}

/** The tables whose content or schema differs, by name. */
export function diffVersions(before: Manifest, after: Manifest): TableDifference[] {
  const names = [...new Set([...before.tables.keys(), ...after.tables.keys()])].sort();
  return names.flatMap((table): TableDifference[] => {
    const [old, now] = [before.tables.get(table), after.tables.get(table)];
    if (old?.sha256 === now?.sha256) return [];
    const known = new Set(old?.parts.map(({ sha256 }) => sha256));
    return [{
      table,
      change: old === undefined ? "added" : now === undefined ? "removed" : "changed",
      rowsBefore: old?.rows ?? 0,
      rowsAfter: now?.rows ?? 0,
      newParts: now?.parts.filter(({ sha256 }) => !known.has(sha256)).length ?? 0,
    }];
  });
}
