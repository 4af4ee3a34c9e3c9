import { assertEquals } from "@std/assert";
import { ERROR_CODES } from "../../src/base/error_codes/error_codes.ts";
import { codedMessage, errorCodeOf, UserError } from "../../src/base/errors.ts";

Deno.test("a UserError has the advice of its code as its hint, unless it has a better one", () => {
  assertEquals(new UserError("run/completed", "m").hint, ERROR_CODES["run/completed"].advice);
  assertEquals(new UserError("run/completed", "m", { hint: "Do so." }).hint, "Do so.");
});

Deno.test("errorCodeOf() tells the outermost code, also of what only caused an error", () => {
  const cause = new UserError("prices/bad-cell", "inner");
  assertEquals(errorCodeOf(new Error("outer", { cause })), "prices/bad-cell");
  assertEquals(errorCodeOf(new UserError("run/completed", "m", { cause })), "run/completed");
});

Deno.test("errorCodeOf() looks through what a task threw at what its function threw", () => {
  const thrown = (cause: unknown) =>
    Object.assign(new Error("task", { cause }), { code: "task/thrown" });
  assertEquals(errorCodeOf(thrown(new UserError("prices/bad-cell", "m"))), "prices/bad-cell");
  assertEquals(errorCodeOf(thrown(new RangeError("m"))), "task/thrown");
});

Deno.test("errorCodeOf() takes no code of the system, and what has none, for unexpected", () => {
  const system = Object.assign(new Error("no such file"), { code: "ENOENT" });
  for (const thrown of [system, new Error("x"), "text", undefined, { code: "run/completed" }]) {
    assertEquals(errorCodeOf(thrown), "internal/unexpected");
  }
});

Deno.test("codedMessage() has the code behind the message, where that says more than the message", () => {
  assertEquals(codedMessage(new UserError("run/completed", "m")), "m [run/completed]");
  assertEquals(codedMessage(new RangeError("m")), "m");
});
