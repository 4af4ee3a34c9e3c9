import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type KeyedPart,
  type MergeStep,
  planMerge,
  splitRows,
} from "../../../src/lakehouse/parts/merge_plan.ts";

const LIMITS = { maxRows: 80, tailRows: 5 };

/** Parts of keys that rise, from sets of keys. */
function partsOf(sets: readonly (readonly number[])[]): KeyedPart[] {
  return sets.map((keys) => ({
    rows: keys.length,
    minKey: keys[0],
    maxKey: keys[keys.length - 1],
  }));
}

function keysAfter(
  step: MergeStep,
  sets: readonly (readonly number[])[],
  keys: Float64Array,
): number[] {
  if (step.type === "keep") return [...sets[step.part]];
  const union = new Set([...step.parts.flatMap((i) => sets[i]), ...keys.slice(step.from, step.to)]);
  return [...union].sort((a, b) => a - b);
}

Deno.test("planMerge() puts a day after the last part into a small part of its own", () => {
  const parts = partsOf([[1, 2, 3, 4, 5, 6]]);
  assertEquals(planMerge(parts, Float64Array.of(7), LIMITS), [
    { type: "keep", part: 0 },
    { type: "write", parts: [], from: 0, to: 1 },
  ]);
  const next = partsOf([[1, 2, 3, 4, 5, 6], [7]]);
  assertEquals(planMerge(next, Float64Array.of(8), LIMITS), [
    { type: "keep", part: 0 },
    { type: "write", parts: [1], from: 0, to: 1 },
  ]);
});

Deno.test("planMerge() writes only the part that a correction touches", () => {
  const parts = partsOf([[1, 2, 3, 4, 5], [10, 11, 12, 13, 14], [20, 21, 22, 23, 24]]);
  assertEquals(planMerge(parts, Float64Array.of(12), LIMITS), [
    { type: "keep", part: 0 },
    { type: "write", parts: [1], from: 0, to: 1 },
    { type: "keep", part: 2 },
  ]);
  assertEquals(
    planMerge(parts, new Float64Array(), LIMITS).every(({ type }) => type === "keep"),
    true,
  );
});

Deno.test("planMerge() keeps every key once, in order, and never lets small parts become many", () => {
  const keySets = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 12 }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(keySets, (days) => {
      let sets: number[][] = [];
      const all = new Set<number>();
      for (const day of days) {
        const keys = Float64Array.from(day).sort();
        keys.forEach((key) => all.add(key));
        sets = planMerge(partsOf(sets), keys, LIMITS).flatMap((step) => {
          const merged = keysAfter(step, sets, keys);
          return splitRows(merged.length, LIMITS.maxRows).map(([from, to]) =>
            merged.slice(from, to)
          );
        }).filter((set) => set.length > 0);
        assertEquals(sets.flat(), [...all].sort((a, b) => a - b));
        assert(sets.every((set) => set.length <= LIMITS.maxRows));
      }
      const small = sets.length - 1 - sets.findLastIndex((set) => set.length > LIMITS.maxRows / 8);
      assert(small < 8 + 1, `${small} small parts at the end`);
    }),
    { numRuns: 200 },
  );
});

Deno.test("planMerge() over thirty years of single days writes each row only a few times", () => {
  const limits = { maxRows: 8192, tailRows: 256 };
  let parts: KeyedPart[] = [], written = 0;
  const days = 7560;
  for (let day = 0; day < days; day++) {
    const next: KeyedPart[] = [];
    for (const step of planMerge(parts, Float64Array.of(day), limits)) {
      if (step.type === "keep") {
        next.push(parts[step.part]);
        continue;
      }
      const minKey = step.parts.length > 0 ? parts[step.parts[0]].minKey : day;
      const maxKey = step.to > step.from ? day : parts[step.parts.at(-1)!].maxKey;
      next.push({ rows: maxKey - minKey + 1, minKey, maxKey });
      written += maxKey - minKey + 1;
    }
    parts = next;
  }
  assert(parts.length <= 16, `${parts.length} parts`);
  assert(written / days < limits.tailRows, `each row was written ${written / days} times`);
});
