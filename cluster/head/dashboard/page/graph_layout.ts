import type { RunEdge } from "../schemas/runs.ts";

/** Where a stage stands in a graph: its column and its place in it, from 0. */
export interface GraphPlace {
  readonly name: string;
  readonly column: number;
  readonly place: number;
}

/** PURE: columns from left to right, each stage right of all that lead to it; a circle stops where it would close. */
export function layoutGraph(names: readonly string[], edges: readonly RunEdge[]): GraphPlace[] {
  const columns = new Map(names.map((name) => [name, 0]));
  const inward = Map.groupBy(edges, ({ to }) => to);
  // The longest way without a circle has as many steps as there are stages.
  for (let round = 0; round < names.length; round++) {
    let isChanged = false;
    for (const name of names) {
      const before = (inward.get(name) ?? []).map(({ from }) => columns.get(from) ?? 0);
      const column = Math.min(names.length - 1, Math.max(-1, ...before) + 1);
      if (column <= (columns.get(name) ?? 0)) continue;
      columns.set(name, column);
      isChanged = true;
    }
    if (!isChanged) break;
  }
  const used = new Map<number, number>();
  return names.map((name) => {
    const column = columns.get(name) ?? 0;
    const place = used.get(column) ?? 0;
    used.set(column, place + 1);
    return { name, column, place };
  });
}
