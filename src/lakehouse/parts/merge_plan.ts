/** What a plan needs to know of a part: its rows, and the range of its keys. */
export interface KeyedPart {
  readonly rows: number;
  readonly minKey: number;
  readonly maxKey: number;
}

/** Sizes that a plan keeps to, in rows. */
export interface PartLimits {
  /** No part is made with more. */
  readonly maxRows: number;
  /** New rows after the last part go into it while it has fewer; else they begin a part of their own. */
  readonly tailRows: number;
}

/** A step of a plan: to keep a part as it is, or to write one anew from old parts and new rows. */
export type MergeStep =
  | { readonly type: "keep"; readonly part: number }
  | {
    readonly type: "write";
    /** Indices of the old parts that are merged, in order; none for rows alone. */
    readonly parts: readonly number[];
    /** Of the new rows those from `from` to before `to` are merged in. */
    readonly from: number;
    readonly to: number;
  };

/** So many small parts at the end are made into one. */
const MAX_SMALL_PARTS = 8;

/** Plans how rows are merged into a table so that only parts that they touch are written, and parts do not become too
 * many: a day of new rows costs one small part, and every row is written again only a few times in its life.
 * @param parts of the table, sorted by key, their ranges disjoint
 * @param keys of the new rows, rising
 * @returns steps in the order of the keys; what a step writes may have to be split by {@linkcode splitRows} */
export function planMerge(
  parts: readonly KeyedPart[],
  keys: Float64Array,
  limits: PartLimits,
): MergeStep[] {
  const steps: MergeStep[] = [];
  let from = 0;
  parts.forEach((part, i) => {
    const isLast = i === parts.length - 1;
    const takesTail = isLast && part.rows < limits.tailRows;
    let to = from;
    while (to < keys.length && (keys[to] <= part.maxKey || takesTail)) to++;
    steps.push(to === from ? { type: "keep", part: i } : { type: "write", parts: [i], from, to });
    from = to;
  });
  if (from < keys.length) steps.push({ type: "write", parts: [], from, to: keys.length });
  return joinSmall(steps, parts, limits);
}

/** Makes the small parts at the end one when they are too many. */
function joinSmall(
  steps: readonly MergeStep[],
  parts: readonly KeyedPart[],
  { maxRows }: PartLimits,
): MergeStep[] {
  const rowsOf = (step: MergeStep) =>
    step.type === "keep"
      ? parts[step.part].rows
      : step.parts.reduce((sum, i) => sum + parts[i].rows, step.to - step.from);
  let first = steps.length;
  while (first > 0 && rowsOf(steps[first - 1]) <= maxRows / MAX_SMALL_PARTS) first--;
  const small = steps.slice(first);
  if (small.length < MAX_SMALL_PARTS) return [...steps];
  const writes = small.filter((step) => step.type === "write");
  return [...steps.slice(0, first), {
    type: "write",
    parts: small.flatMap((step) => step.type === "keep" ? [step.part] : step.parts),
    from: writes[0]?.from ?? 0,
    to: writes.at(-1)?.to ?? 0,
  }];
}

/** Splits rows into runs of nearly equal length that no part is too small for.
 * @returns `[from, to)` of each; one empty run when there are no rows */
export function splitRows(rows: number, maxRows: number): (readonly [from: number, to: number])[] {
  const runs = Math.max(1, Math.ceil(rows / maxRows));
  return Array.from({ length: runs }, (_, i) =>
    [
      Math.floor(i * rows / runs),
      Math.floor((i + 1) * rows / runs),
    ] as const);
}
