import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { HeldAttempts } from "../../../cluster/worker/attempts.ts";
import type { AssignedAttempt } from "../../../cluster/worker/attempts.ts";

function attempt(attemptId: number, cpus = 1): AssignedAttempt {
  return {
    attemptId,
    taskId: `t${attemptId}`,
    resources: { cpus },
    payload: new Uint8Array(),
    inputs: [],
    objects: [],
    info: { name: "t", runId: "r", attemptNumber: 1, priority: 0, runTimeoutMs: Infinity },
  };
}

const DONE = { type: "cancelled" } as const;

Deno.test("HeldAttempts starts in the order of assignment while the capacity lasts", () => {
  const held = new HeldAttempts({ cpus: 2 });
  for (const id of [1, 2, 3]) held.accept(attempt(id));
  assertEquals([held.startNext(), held.startNext(), held.startNext()].map((a) => a?.attemptId), [
    1,
    2,
    undefined,
  ]);
  held.finish(1, DONE);
  assertEquals(held.startNext()?.attemptId, 3);
});

Deno.test("HeldAttempts lets no small attempt overtake a large one", () => {
  const held = new HeldAttempts({ cpus: 2 });
  for (const [id, cpus] of [[1, 1], [2, 2], [3, 1]]) held.accept(attempt(id, cpus));
  assertEquals(held.startNext()?.attemptId, 1);
  assertEquals(held.startNext(), undefined);
  held.finish(1, DONE);
  assertEquals(held.startNext()?.attemptId, 2);
});

Deno.test("HeldAttempts takes an assignment that is said twice once", () => {
  const held = new HeldAttempts({ cpus: 4 });
  held.accept(attempt(1));
  held.startNext();
  held.accept(attempt(1));
  assertEquals(held.startNext(), undefined);
  held.finish(1, DONE);
  held.accept(attempt(1));
  assertEquals(held.startNext(), undefined);
});

Deno.test("HeldAttempts keeps a report until it is acknowledged", () => {
  const held = new HeldAttempts({ cpus: 1 });
  held.accept(attempt(1));
  held.accept(attempt(2));
  held.startNext();
  held.finish(1, DONE);
  assertEquals(held.held(), [
    { type: "running", taskId: "t2", attemptId: 2 },
    { type: "finished", taskId: "t1", attemptId: 1, report: DONE },
  ]);
  held.acknowledge(1);
  assertEquals(held.held().length, 1);
});

Deno.test("HeldAttempts says where an attempt is, and ends it from wherever", () => {
  const held = new HeldAttempts({ cpus: 1 });
  held.accept(attempt(1));
  held.accept(attempt(2));
  held.startNext();
  assertEquals([1, 2, 9].map((id) => held.where(id)), ["running", "queued", "unknown"]);
  held.finish(2, DONE);
  held.finish(1, DONE);
  held.finish(9, DONE);
  assertEquals([1, 2, 9].map((id) => held.where(id)), ["finished", "finished", "unknown"]);
  assertEquals(held.startNext(), undefined);
});

Deno.test("HeldAttempts never runs more than its capacity, and always something while anything is queued", () => {
  const cpus = fc.constantFrom(0.1, 0.25, 0.5, 1, 2, 3);
  fc.assert(
    fc.property(
      fc.array(cpus, { minLength: 1, maxLength: 40 }),
      fc.infiniteStream(fc.nat()),
      (demands, picks) => {
        const held = new HeldAttempts({ cpus: 2 });
        demands.forEach((demand, id) => held.accept(attempt(id, demand)));
        const running = new Map<number, number>();
        for (let ended = 0; ended < demands.length; ended++) {
          for (let next = held.startNext(); next !== undefined; next = held.startNext()) {
            running.set(next.attemptId, next.resources.cpus);
          }
          const used = [...running.values()].reduce((sum, amount) => sum + amount, 0);
          assertEquals(used <= 2 + 1e-9 || running.size === 1, true);
          assertEquals(running.size > 0, true);
          const pick = [...running.keys()][picks.next().value % running.size];
          running.delete(pick);
          held.finish(pick, DONE);
        }
        assertEquals(held.held().length, demands.length);
      },
    ),
  );
});

Deno.test("HeldAttempts hands over what takes the same resources and is ready, and keeps it queued until it is promoted", () => {
  const held = new HeldAttempts({ cpus: 1 });
  for (const [id, cpus] of [[1, 1], [2, 1], [3, 1], [4, 0.5]]) held.accept(attempt(id, cpus));
  const first = held.startNext();
  const handOver = () => held.handOver({ cpus: 1 }, () => true)?.attemptId;
  assertEquals(held.handOver({ cpus: 1 }, () => false), undefined);
  assertEquals([handOver(), handOver(), handOver()], [2, 3, undefined]);
  assertEquals([2, 3, 4].map((id) => held.where(id)), ["queued", "queued", "queued"]);
  held.finish(first?.attemptId ?? 0, DONE);
  assertEquals(held.promote(2)?.attemptId, 2);
  assertEquals([held.where(2), held.runningCount, held.startNext()], ["running", 1, undefined]);
  // Its executor ended before it came to the third: that one starts like any other.
  held.takeBack(3);
  held.finish(2, DONE);
  assertEquals(held.startNext()?.attemptId, 3);
});

Deno.test("HeldAttempts promotes nothing that was cancelled meanwhile", () => {
  const held = new HeldAttempts({ cpus: 1 });
  for (const id of [1, 2]) held.accept(attempt(id));
  held.startNext();
  held.handOver({ cpus: 1 }, () => true);
  held.finish(2, DONE);
  assertEquals([held.promote(2), held.where(2)], [undefined, "finished"]);
});

Deno.test("HeldAttempts starts others while one is blocked, and says so of it", () => {
  const held = new HeldAttempts({ cpus: 1 });
  for (const id of [1, 2, 3]) held.accept(attempt(id));
  held.startNext();
  assertEquals(held.startNext(), undefined);
  held.block(1);
  held.block(1);
  assertEquals([held.startNext()?.attemptId, held.startNext()], [2, undefined]);
  assertEquals(held.held().map(({ type, attemptId }) => [type, attemptId]), [
    ["running", 3],
    ["blocked", 1],
    ["running", 2],
  ]);
  held.resume(1);
  held.finish(2, DONE);
  assertEquals(held.startNext(), undefined, "the one that goes on has its room again");
  held.finish(1, DONE);
  assertEquals(held.startNext()?.attemptId, 3);
});

Deno.test("HeldAttempts holds the calls of actors beside what needs resources, and says who is alive", () => {
  const held = new HeldAttempts({ cpus: 1 });
  held.accept(attempt(1));
  held.startNext();
  held.markAlive(1);
  assertEquals([held.takeCall(2, "call"), held.takeCall(2, "call")], [true, false]);
  assertEquals(held.held(), [
    { type: "alive", taskId: "t1", attemptId: 1 },
    { type: "running", taskId: "call", attemptId: 2 },
  ]);
  held.finish(2, DONE);
  assertEquals([held.holdsCall(2), held.where(2), held.takeCall(2, "call")], [
    false,
    "finished",
    false,
  ]);
  held.finish(1, DONE);
  held.acknowledge(2);
  assertEquals(held.held(), [{ type: "finished", taskId: "t1", attemptId: 1, report: DONE }]);
});
