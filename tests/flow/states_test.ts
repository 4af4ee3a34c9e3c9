import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  isTerminal,
  pendingRun,
  type Run,
  type RunEvent,
  type RunEventType,
  type RunState,
  transition,
} from "../../src/flow/states.ts";

const EVENT_TYPES: readonly RunEventType[] = [
  "Deferred",
  "BecameDue",
  "Started",
  "AttemptFailed",
  "RetryStarted",
  "PauseRequested",
  "Unpaused",
  "CancelRequested",
  "CancelConfirmed",
  "FoundInCache",
  "Succeeded",
  "Failed",
  "TimedOut",
  "Crashed",
  "Reopened",
];

const STATES: readonly RunState[] = [
  "Scheduled",
  "Pending",
  "Running",
  "Retrying",
  "Paused",
  "Cancelling",
  "Cancelled",
  "Completed",
  "Cached",
  "Failed",
  "Crashed",
  "TimedOut",
];

const happened = (type: RunEventType): RunEvent => ({ type, reason: "test" });

/** The run after each event that is allowed; refused ones leave it as it is. */
function walk(run: Run, types: readonly RunEventType[]): Run[] {
  const visited = [run];
  for (const type of types) {
    try {
      run = transition(run, happened(type));
      visited.push(run);
    } catch (error) {
      assertStringIncludes((error as Error).message, `Cannot apply ${type}`);
    }
  }
  return visited;
}

Deno.test("transition() takes a task run through a retry to its end", () => {
  let run = pendingRun("task");
  for (const type of ["Started", "AttemptFailed", "RetryStarted", "Succeeded"] as const) {
    run = transition(run, happened(type));
  }
  assertEquals(run, { kind: "task", state: "Completed", attempt: 2 });
});

Deno.test("transition() refuses an impossible event and says state, kind and attempt", () => {
  const completed: Run = { kind: "task", state: "Completed", attempt: 1 };
  const error = assertThrows(() => transition(completed, { type: "Started", reason: "again" }));
  assertEquals(
    error.message,
    "Cannot apply Started (again) to a task run: its state is Completed in attempt 1",
  );
});

Deno.test("transition() lets no task run leave an end", () => {
  for (const state of STATES.filter(isTerminal)) {
    for (const type of EVENT_TYPES) {
      assertThrows(() => transition({ kind: "task", state, attempt: 1 }, happened(type)));
    }
  }
});

Deno.test("transition() opens a flow run again after every bad end, and never after a good one", () => {
  for (const state of ["Cancelled", "Failed", "Crashed", "TimedOut"] as const) {
    const run = transition({ kind: "flow", state, attempt: 3 }, happened("Reopened"));
    assertEquals(run, { kind: "flow", state: "Running", attempt: 4 });
  }
  for (const type of EVENT_TYPES) {
    assertThrows(() =>
      transition({ kind: "flow", state: "Completed", attempt: 1 }, happened(type))
    );
  }
});

Deno.test("transition() reaches an end from every state that is not one", () => {
  for (const state of STATES.filter((state) => !isTerminal(state))) {
    const run: Run = { kind: "flow", state, attempt: 1 };
    const visited = walk(run, ["CancelRequested", "CancelConfirmed"]);
    assertEquals(visited.at(-1)!.state, "Cancelled");
  }
});

Deno.test("transition() counts attempts up by one and only when something starts", () => {
  fc.assert(fc.property(
    fc.constantFrom("flow" as const, "task" as const),
    fc.array(fc.constantFrom(...EVENT_TYPES), { maxLength: 60 }),
    (kind, types) => {
      const visited = walk(pendingRun(kind), types);
      for (let i = 1; i < visited.length; i++) {
        const [before, after] = [visited[i - 1]!, visited[i]!];
        const isStart = after.state === "Running" && before.state !== "Paused";
        assertEquals(after.attempt - before.attempt, isStart ? 1 : 0);
        if (isTerminal(before.state)) assertEquals([kind, after.state], ["flow", "Running"]);
      }
    },
  ));
});
