import { assertEquals } from "@std/assert";
import { summarizeArguments } from "../../src/flow/argument_summary.ts";
import { SharedValue } from "../../src/flow/shared_value.ts";

Deno.test("summarizeArguments() writes small arguments out", () => {
  assertEquals(
    summarizeArguments([3, "a", { window: 12, dates: [1, null] }, undefined, 5n], 200),
    '3, "a", {window: 12, dates: [1, null]}, undefined, 5',
  );
});

Deno.test("summarizeArguments() writes large arguments by type and size", () => {
  const shared = new SharedValue([1, 2, 3]);
  assertEquals(
    summarizeArguments([new Float64Array(5), shared, Array(1e6).fill(0), () => 1], 200),
    `Float64Array(40 bytes), shared ${shared.hash.slice(0, 8)}, ` +
      "[0, 0, 0, 0, 0, 0, 0, 0, … 999992 more], function",
  );
});

Deno.test("summarizeArguments() is never longer than it may be", () => {
  const long = Array.from({ length: 20 }, () => "x".repeat(500));
  assertEquals(summarizeArguments(long, 40).length, 40);
});

Deno.test("summarizeArguments() ends with a value that holds itself", () => {
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  assertEquals(summarizeArguments([loop], 200), "{self: {self: {self: {…}}}}");
});
