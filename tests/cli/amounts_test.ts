import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { readAmounts, readPositive } from "../../src/cli/amounts.ts";

Deno.test("readAmounts() takes amounts by name, and labels as amounts of 1", () => {
  assertEquals(readAmounts("resources", "gpu=2, zone:a,disk=0.5"), {
    gpu: 2,
    "zone:a": 1,
    disk: 0.5,
  });
  assertEquals(readAmounts("resources", undefined), {});
});

Deno.test("readAmounts() names the part that is no amount", () => {
  for (const part of ["gpu=", "gpu=two", "=2", "gpu=1=2", "gpu=-1", ""]) {
    assertThrows(
      () => readAmounts("resources", `cpus=1,${part}`),
      UserError,
      `: ${JSON.stringify(part)}`,
    );
  }
});

Deno.test("readPositive() takes a number above 0 and nothing else", () => {
  assertEquals([readPositive("n", "2.5", 1), readPositive("n", undefined, 1)], [2.5, 1]);
  for (const text of ["0", "-1", "x", ""]) {
    assertThrows(() => readPositive("n", text, 1), UserError, `Cannot use --n "${text}"`);
  }
});
