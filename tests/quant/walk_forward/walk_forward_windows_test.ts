import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type WalkForwardWindow,
  walkForwardWindows,
} from "../../../src/quant/walk_forward/walk_forward_windows.ts";

const ranges = (windows: readonly WalkForwardWindow[]) =>
  windows.map((w) => [w.trainFrom, w.trainTo, w.testFrom, w.testTo]);

Deno.test("walkForwardWindows() rolls, and keeps a last window that is not full", () => {
  const windows = walkForwardWindows(11, { train: 4, test: 3, step: 3 });
  assertEquals(ranges(windows), [[0, 4, 4, 7], [3, 7, 7, 10], [6, 10, 10, 11]]);
  assertEquals(windows.map(({ index }) => index), [0, 1, 2]);
});

Deno.test("walkForwardWindows() grows the training range when anchored", () => {
  const windows = walkForwardWindows(10, { train: 4, test: 3, step: 3, anchored: true });
  assertEquals(ranges(windows), [[0, 4, 4, 7], [0, 7, 7, 10]]);
});

Deno.test("walkForwardWindows() overlaps tests with a short step and spaces them with a long one", () => {
  const short = walkForwardWindows(8, { train: 2, test: 4, step: 2 });
  assertEquals(ranges(short), [[0, 2, 2, 6], [2, 4, 4, 8], [4, 6, 6, 8]]);
  const long = walkForwardWindows(10, { train: 2, test: 2, step: 5 });
  assertEquals(ranges(long), [[0, 2, 2, 4], [5, 7, 7, 9]]);
});

Deno.test("walkForwardWindows() leaves the purged rows out and the training range full", () => {
  const windows = walkForwardWindows(9, { train: 3, test: 2, step: 2, purge: 2 });
  assertEquals(ranges(windows), [[0, 3, 5, 7], [2, 5, 7, 9]]);
});

Deno.test("walkForwardWindows() refuses fewer rows than one window takes, and says how many", () => {
  assertEquals(walkForwardWindows(5, { train: 4, test: 3, step: 3 }).length, 1);
  assertThrows(
    () => walkForwardWindows(4, { train: 4, test: 3, step: 3 }),
    RangeError,
    "train 4, purge 0 and one test row need 5 rows, got 4",
  );
});

Deno.test("walkForwardWindows() refuses settings that are not whole and positive", () => {
  const good = { train: 4, test: 3, step: 3 };
  const bad = [{ train: 0 }, { test: 1.5 }, { step: 0 }, { step: NaN }, { purge: -1 }];
  for (const change of bad) {
    const [[name, value]] = Object.entries(change);
    assertThrows(
      () => walkForwardWindows(100, { ...good, ...change }),
      RangeError,
      `${name} must be a whole number >= ${name === "purge" ? 0 : 1}: current value is ${value}`,
    );
  }
});

const anySettings = fc.record({
  train: fc.integer({ min: 1, max: 40 }),
  test: fc.integer({ min: 1, max: 20 }),
  step: fc.integer({ min: 1, max: 30 }),
  purge: fc.integer({ min: 0, max: 5 }),
  anchored: fc.boolean(),
  extra: fc.integer({ min: 1, max: 120 }),
});

Deno.test("walkForwardWindows() never trains on a test row, nor on a row after it", () => {
  fc.assert(
    fc.property(anySettings, ({ extra, ...settings }) => {
      const rows = settings.train + settings.purge + extra;
      for (const window of walkForwardWindows(rows, settings)) {
        assert(0 <= window.trainFrom && window.trainTo + settings.purge === window.testFrom);
        assert(window.testFrom < window.testTo && window.testTo <= rows);
        const trained = window.trainTo - window.trainFrom;
        assert(settings.anchored ? trained >= settings.train : trained === settings.train);
      }
    }),
  );
});

Deno.test("walkForwardWindows() tests every row after the first training range once if step is test", () => {
  fc.assert(
    fc.property(anySettings, ({ extra, ...settings }) => {
      const rows = settings.train + settings.purge + extra;
      const windows = walkForwardWindows(rows, { ...settings, step: settings.test });
      let next = settings.train + settings.purge;
      for (const { testFrom, testTo } of windows) {
        assertEquals(testFrom, next);
        next = testTo;
      }
      assertEquals(next, rows);
    }),
  );
});
