import { assertEquals, assertThrows } from "@std/assert";
import { isDiskFull, writeUnlessFull } from "../../src/base/full_disk.ts";

Deno.test("isDiskFull() knows a full disk from other troubles, of files and of SQLite", () => {
  assertEquals(isDiskFull(Object.assign(new Error(), { code: "ENOSPC" })), true);
  assertEquals(isDiskFull(Object.assign(new Error(), { errcode: 13 })), true);
  assertEquals(isDiskFull(Object.assign(new Error(), { code: "EACCES", errcode: 8 })), false);
  assertEquals(writeUnlessFull(() => {}), true);
  assertThrows(() => writeUnlessFull(() => Deno.writeTextFileSync("/none/none", "x")));
});
