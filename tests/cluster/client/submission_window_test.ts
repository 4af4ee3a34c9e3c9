import { assertEquals } from "@std/assert";
import { SubmissionWindow } from "../../../cluster/client/submission_window.ts";
import { INITIAL_CREDITS } from "../../../cluster/protocol/limits.ts";
import type { WireTask } from "../../../cluster/protocol/messages.ts";

function wire(taskId: string, dependencies: readonly string[] = []): WireTask {
  return {
    taskId,
    name: "work",
    payload: new Uint8Array(),
    dependencies,
    objects: [],
    resources: { cpus: 1 },
    priority: 0,
    retry: { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 },
    runTimeoutMs: Infinity,
  };
}

function ids(tasks: readonly WireTask[]): string[] {
  return tasks.map(({ taskId }) => taskId);
}

/** A window whose credits are used up. */
function exhausted(): SubmissionWindow {
  const window = new SubmissionWindow();
  window.admit(Array.from({ length: INITIAL_CREDITS }, (_, i) => wire(`early-${i}`)));
  return window;
}

Deno.test("tasks over the credits are held, and go out first and in order when more are granted", () => {
  const window = exhausted();
  assertEquals(window.admit([wire("a"), wire("b")]), []);
  window.grant(2);
  assertEquals(ids(window.admit([wire("c")])), ["a", "b"]);
  window.grant(5);
  assertEquals(ids(window.admit([])), ["c"]);
});

Deno.test("a task that is held can be taken back, one that went out cannot", () => {
  const window = exhausted();
  window.admit([wire("a"), wire("b")]);
  assertEquals([window.withdraw("a"), window.withdraw("early-0")], [true, false]);
  window.grant(2);
  assertEquals(ids(window.admit([])), ["b"]);
});

Deno.test("a task is read while one that is held depends on it", () => {
  const window = exhausted();
  window.admit([wire("a", ["x"]), wire("b", ["x", "y"])]);
  assertEquals([window.isRead("x"), window.isRead("y"), window.isRead("z")], [true, true, false]);
  window.grant(1);
  window.admit([]);
  assertEquals(window.isRead("x"), true);
  window.withdraw("b");
  assertEquals([window.isRead("x"), window.isRead("y")], [false, false]);
});

Deno.test("a new connection begins with new credits and nothing held", () => {
  const window = exhausted();
  window.admit([wire("a", ["x"])]);
  window.reset();
  assertEquals(window.isRead("x"), false);
  assertEquals(ids(window.admit([wire("a", ["x"])])), ["a"]);
});
