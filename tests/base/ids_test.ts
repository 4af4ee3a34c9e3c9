import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { newId, parseRunId, runIdFromTime } from "../../src/base/ids.ts";

Deno.test("newId() sorts by the time of making, even within a millisecond", () => {
  const ids = Array.from({ length: 1000 }, () => newId("x"));
  assertEquals(ids.toSorted(), ids);
  assertEquals(new Set(ids).size, 1000);
});

Deno.test("runIdFromTime() gives UTC to the second, and is itself a run id", () => {
  assertEquals(runIdFromTime(Date.UTC(2026, 10, 24, 5, 23, 9, 999)), "20261124-052309");
  assertEquals(parseRunId("20261124-052309"), "20261124-052309");
});

Deno.test("parseRunId() refuses whatever could leave its folder or confuse a shell", () => {
  for (const text of ["", "../x", "a/b", "a b", ".", "..", "a\0b", "ä", "a\n", "x".repeat(129)]) {
    assertThrows(() => parseRunId(text), UserError, "as a run id");
  }
});
