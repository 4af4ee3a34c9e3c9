import { assertEquals } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { failureJson, failureLines, failureOf } from "../../src/cli/failure.ts";

const COMPLETED = new UserError("run/completed", "Cannot run x again", { hint: "Go on." });

Deno.test("failureOf() takes what the user can mend from anywhere among the causes, and exits by 2", () => {
  const failure = failureOf(new Error("outer", { cause: COMPLETED }));
  assertEquals(failureLines(failure, false), [
    "error[run/completed]: Cannot run x again",
    "hint: Go on.",
  ]);
  assertEquals(failure.exitCode, 2);
});

Deno.test("failureOf() has something to do for any other error, too, and exits by 1", () => {
  const failure = failureOf(Object.assign(new Error("gone"), { code: "task/lost" }));
  assertEquals([failure.code, failure.message, failure.exitCode], ["task/lost", "gone", 1]);
  assertEquals(failure.hint.length > 0, true);
  assertEquals(failureOf("text").code, "internal/unexpected");
});

Deno.test("failureJson() is one line for programs", () => {
  assertEquals(JSON.parse(failureJson(failureOf(COMPLETED))), {
    error: { code: "run/completed", message: "Cannot run x again", hint: "Go on." },
  });
});
