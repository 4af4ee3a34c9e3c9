import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  applyPatch,
  patchBetween,
  type Plain,
} from "../../../../cluster/head/dashboard/merge_patch.ts";

const plain = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 3 }),
    // Few keys, so that two values share some; one of them is that of a prototype.
    fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__", "toString"), tie("value")),
  ),
})).value;

/** Two values are equal when they are as JSON: prototypes do not matter. */
function json(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? "null");
}

Deno.test("applyPatch() of patchBetween() turns any value into any other", () => {
  fc.assert(fc.property(plain, plain, (before, after) => {
    const patch = patchBetween(before, after);
    const result = patch === undefined
      ? before
      : applyPatch(before, JSON.parse(JSON.stringify(patch)));
    assertEquals(json(result), json(after));
  }));
});

Deno.test("patchBetween() of equal values is undefined", () => {
  fc.assert(fc.property(plain, (value) => {
    assertEquals(patchBetween(value, JSON.parse(JSON.stringify(value))), undefined);
  }));
});

Deno.test("patchBetween() names what changed alone, and null for what is gone", () => {
  const before = { nodes: { a: { running: 1, state: "connected" }, b: { running: 0 } }, n: 1 };
  const after = { nodes: { a: { running: 2, state: "connected" } }, n: 1 };
  assertEquals(json(patchBetween(before, after)), { nodes: { a: { running: 2 }, b: null } });
});
