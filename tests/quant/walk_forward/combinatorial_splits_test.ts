import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type CombinatorialSettings,
  combinatorialSplits,
  type SplitRange,
} from "../../../src/quant/walk_forward/combinatorial_splits.ts";
import references from "../../reference/metrics/table_references.json" with { type: "json" };

const rowsOf = (ranges: readonly SplitRange[]) =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, k) => from + k));

Deno.test("combinatorialSplits() tests every pair of groups once, and trains on the rest", () => {
  const { splits, paths } = combinatorialSplits(7, { groups: 3, testGroups: 2 });
  assertEquals(splits.map(({ testGroups }) => testGroups), [[0, 1], [0, 2], [1, 2]]);
  // 7 rows: groups of 3, 2 and 2.
  assertEquals(splits.map(({ train }) => rowsOf(train)), [[5, 6], [3, 4], [0, 1, 2]]);
  assertEquals(paths, [[0, 0, 1], [1, 2, 2]]);
});

Deno.test("combinatorialSplits() purges both sides of a test and embargoes what follows it", () => {
  const { splits } = combinatorialSplits(12, { groups: 3, testGroups: 1, purge: 1, embargo: 1 });
  assertEquals(splits.map(({ train }) => rowsOf(train)), [
    [6, 7, 8, 9, 10, 11],
    [0, 1, 2, 10, 11],
    [0, 1, 2, 3, 4, 5, 6],
  ]);
});

for (const { rows, groups, testGroups, purge, embargo, ...expected } of references.combinatorial) {
  const name = `${testGroups} of ${groups} groups, purge ${purge}, embargo ${embargo}`;
  Deno.test(`combinatorialSplits() agrees with skfolio on ${name}`, () => {
    const { splits, paths } = combinatorialSplits(rows, { groups, testGroups, purge, embargo });
    assertEquals(paths.length, expected.paths);
    assertEquals(
      splits.map(({ train, test }) => ({
        train: rowsOf(train).join(" "),
        test: rowsOf(test).join(" "),
      })),
      expected.splits,
    );
  });
}

const anyCut = fc.integer({ min: 2, max: 8 }).chain((groups) =>
  fc.record({
    groups: fc.constant(groups),
    testGroups: fc.integer({ min: 1, max: groups - 1 }),
    purge: fc.integer({ min: 0, max: 4 }),
    embargo: fc.integer({ min: 0, max: 4 }),
    rows: fc.integer({ min: groups, max: 60 }),
  })
);

Deno.test("combinatorialSplits() never trains within purge and embargo of a test", () => {
  fc.assert(
    fc.property(anyCut, ({ rows, ...settings }) => {
      for (const { train, test } of combinatorialSplits(rows, settings).splits) {
        const tested = rowsOf(test);
        for (const row of rowsOf(train)) {
          assert(row >= 0 && row < rows);
          assert(
            tested.every((other) =>
              row < other - settings.purge || row > other + settings.purge + settings.embargo
            ),
          );
        }
      }
    }),
  );
});

Deno.test("combinatorialSplits() has paths that test each row once, by splits all different", () => {
  fc.assert(
    fc.property(anyCut, ({ rows, ...settings }) => {
      const { splits, paths } = combinatorialSplits(rows, settings);
      for (const path of paths) {
        const tested = path.flatMap((split, group) => {
          const { testGroups, test } = splits[split];
          return rowsOf([test[testGroups.indexOf(group)]]);
        });
        assertEquals(tested, Array.from({ length: rows }, (_, row) => row));
      }
      assertEquals(paths.length * settings.groups, splits.length * settings.testGroups);
      for (let group = 0; group < settings.groups; group++) {
        assertEquals(new Set(paths.map((path) => path[group])).size, paths.length);
      }
    }),
  );
});

Deno.test("combinatorialSplits() refuses what it cannot cut, and says why", () => {
  const refuse = (rows: number, change: Partial<CombinatorialSettings>, reason: string) =>
    assertThrows(
      () => combinatorialSplits(rows, { groups: 4, testGroups: 2, ...change }),
      RangeError,
      reason,
    );
  refuse(40, { groups: 1 }, "groups must be a whole number >= 2: current value is 1");
  refuse(40, { testGroups: 4 }, "testGroups must be < groups 4: current value is 4");
  refuse(40, { embargo: -1 }, "embargo must be a whole number >= 0: current value is -1");
  refuse(3, {}, "4 groups need as many rows, got 3");
  refuse(40, { groups: 20, testGroups: 10 }, "make 184756 splits, more than 10000");
});
