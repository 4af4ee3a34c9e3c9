import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { objectPlaces, objectTotals, restoreObjects } from "../../../cluster/scheduler/mod.ts";
import type { ObjectSize, ResultRef } from "../../../cluster/scheduler/types.ts";
import { ofType, resultOf, Scenario, startsIn, taskSpec } from "./scenario.ts";

const PRICES: ObjectSize = { objectId: "prices", sizeBytes: 5_000_000 };
const GRACE_MS = 5_000;

/** Workers with a store each, as nodes that do not share the head's folder. */
function nodes(run: Scenario, ...workerIds: string[]): void {
  for (const workerId of workerIds) {
    openStore(run, workerId);
    run.join(workerId);
  }
}

function openStore(run: Scenario, holder: string, objects: ObjectSize[] = [], isSpot = false) {
  return run.send({ type: "StoreOpened", holder, url: `http://${holder}`, isSpot, objects });
}

function put(run: Scenario, object: ObjectSize, clientId = "client"): void {
  run.send({ type: "ObjectsHeld", clientId, objects: [object] });
  run.send({ type: "ObjectsStored", holder: undefined, objects: [object] });
}

function letGo(run: Scenario, object: ObjectSize, clientId = "client") {
  return run.send({ type: "ObjectsLetGo", clientId, objectIds: [object.objectId] });
}

function deletedIn(commands: Parameters<typeof ofType>[0]): string[] {
  return ofType(commands, "DeleteObject").map(({ objectId }) => objectId);
}

function release(run: Scenario, ...taskIds: string[]) {
  return run.send({ type: "TasksReleased", taskIds });
}

/** Succeeds with an object of this size. */
function succeedWith(run: Scenario, taskId: string, sizeBytes: number): void {
  const result: ResultRef = { type: "stored", objectId: `result of ${taskId}`, sizeBytes };
  run.ended(taskId, { type: "succeeded", result, durationMs: 10 });
}

function failureOf(run: Scenario, taskId: string): string {
  const outcome = run.told(taskId).at(-1);
  return outcome?.type === "failed" ? `${outcome.error.name}: ${outcome.error.message}` : "none";
}

Deno.test("a put is kept until its client lets go of it, and deleted after a grace", () => {
  const run = new Scenario();
  put(run, PRICES);
  assertEquals(deletedIn(run.waitUntil(60_000)), []);
  letGo(run, PRICES);
  assertEquals(deletedIn(run.waitUntil(60_000 + GRACE_MS - 1)), []);
  assertEquals(deletedIn(run.waitUntil(60_000 + GRACE_MS)), ["prices"]);
  assertEquals(objectTotals(run.state), { count: 0, sizeBytes: 0 });
});

Deno.test("a put that two clients hold is kept for the second one, until it leaves", () => {
  const run = new Scenario();
  put(run, PRICES, "a");
  put(run, PRICES, "b");
  letGo(run, PRICES, "a");
  assertEquals(deletedIn(run.waitUntil(60_000)), []);
  run.send({ type: "ClientLeft", clientId: "b" });
  assertEquals(deletedIn(run.waitUntil(120_000)), ["prices"]);
});

Deno.test("a put that is taken up again within the grace stays", () => {
  const run = new Scenario();
  put(run, PRICES);
  letGo(run, PRICES);
  run.waitUntil(GRACE_MS - 1);
  put(run, PRICES, "other");
  assertEquals(deletedIn(run.waitUntil(60_000)), []);
});

Deno.test("what nobody refers to goes after a moment, the oldest first, while it takes much room", () => {
  const run = new Scenario();
  const large = (objectId: string) => ({ objectId, sizeBytes: 100 * 2 ** 20 });
  for (const name of ["a", "b", "c"]) put(run, large(name));
  letGo(run, large("b"));
  run.waitUntil(100);
  letGo(run, large("a"));
  assertEquals(deletedIn(run.waitUntil(1_000)), []);
  letGo(run, large("c"));
  assertEquals(deletedIn(run.waitUntil(1_000)), ["b"]);
  assertEquals(deletedIn(run.waitUntil(100 + GRACE_MS - 1)), []);
  assertEquals(deletedIn(run.waitUntil(1_000 + GRACE_MS)), ["a", "c"]);
});

Deno.test("an argument is kept for its task until that ended, also when its client let go of it", () => {
  const run = new Scenario();
  put(run, PRICES);
  run.submit(taskSpec("a", { objects: [PRICES] }));
  letGo(run, PRICES);
  assertEquals(deletedIn(run.waitUntil(60_000)), []);
  run.join("w");
  run.fail("a");
  assertEquals(deletedIn(run.waitUntil(65_000)), ["prices"]);
});

Deno.test("the code of a task is kept for it, also when its client has gone, but no node fetches it like an argument", () => {
  const run = new Scenario();
  const code: ObjectSize = { objectId: "code", sizeBytes: 10_000_000 };
  put(run, code);
  run.submit(
    taskSpec("a", { rules: { code }, parent: undefined }),
    taskSpec("b", { rules: { code }, clientId: "other" }),
  );
  run.send({ type: "ClientLeft", clientId: "client" });
  assertEquals(deletedIn(run.waitUntil(60_000)), []);
  run.join("w");
  assertEquals(run.attempt("b").objects, []);
  run.fail("b");
  assertEquals(deletedIn(run.waitWithHeartbeats(60_000 + GRACE_MS, "w")), ["code"]);
});

Deno.test("the argument of a task whose result is stored is kept as long as that result: it may have to run again", () => {
  const run = new Scenario();
  nodes(run, "w");
  put(run, PRICES);
  run.submit(taskSpec("a", { objects: [PRICES] }));
  letGo(run, PRICES);
  succeedWith(run, "a", 200_000);
  assertEquals(deletedIn(run.waitWithHeartbeats(30_000, "w")), []);
  release(run, "a");
  const deleted = deletedIn(run.waitWithHeartbeats(40_000, "w"));
  assertEquals(deleted.sort(), ["prices", "result of a"]);
});

Deno.test("a pinned object stays when everybody has gone, over a restart of the head too, until it is unpinned", () => {
  const run = new Scenario();
  put(run, PRICES);
  const pinned = run.send({ type: "ObjectsPinned", objects: [PRICES] });
  assertEquals(ofType(pinned, "SavePin").map(({ object }) => object), [PRICES]);
  run.send({ type: "ClientLeft", clientId: "client" });
  assertEquals(deletedIn(run.waitUntil(60_000)), []);

  const next = new Scenario({ epoch: 2 });
  restoreObjects(next.state, { stored: [PRICES], pinned: [PRICES] }, 0);
  assertEquals(deletedIn(next.waitUntil(90_000)), []);
  const unpinned = next.send({ type: "ObjectsUnpinned", objectIds: ["prices"] });
  assertEquals(ofType(unpinned, "ForgetPin").length, 1);
  assertEquals(deletedIn(next.waitUntil(100_000)), ["prices"]);
});

Deno.test("what a restarted head finds and nobody claims is deleted, but not before clients could come back", () => {
  const run = new Scenario();
  restoreObjects(run.state, { stored: [PRICES], pinned: [] }, 0);
  assertEquals(deletedIn(run.waitUntil(64_999)), []);
  assertEquals(deletedIn(run.waitUntil(65_000)), ["prices"]);
});

Deno.test("an attempt is told which of its objects its worker has, and where the others are", () => {
  const run = new Scenario();
  nodes(run, "w", "v");
  run.submit(taskSpec("a"));
  succeedWith(run, "a", 200_000);
  run.submit(taskSpec("b", { dependencies: ["a"] }), taskSpec("c", { dependencies: ["a"] }));
  const fetches = [run.attempt("b"), run.attempt("c")].map(({ workerId, objects }) => ({
    workerId,
    isHere: objects[0].isHere,
    sources: objects[0].sources,
  }));
  assertEquals(fetches, [
    { workerId: "w", isHere: true, sources: [] },
    { workerId: "v", isHere: false, sources: ["http://w"] },
  ]);
});

Deno.test("a task that reads much goes to the worker that has most of it, when that has room", () => {
  const run = new Scenario();
  nodes(run, "w", "v");
  run.submit(taskSpec("small"), taskSpec("large"));
  assertEquals([run.workerOf("small"), run.workerOf("large")], ["w", "v"]);
  succeedWith(run, "small", 200_000);
  succeedWith(run, "large", 50_000_000);
  run.submit(taskSpec("sum", { dependencies: ["small", "large"] }));
  assertEquals(run.workerOf("sum"), "v");
  // The holder is busy: an idle worker does not stay idle for its sake.
  run.submit(taskSpec("other", { dependencies: ["large"] }));
  assertEquals(run.workerOf("other"), "w");
});

Deno.test("a task that reads little goes where the load is smallest", () => {
  const run = new Scenario();
  nodes(run, "w", "v");
  run.submit(taskSpec("first"), taskSpec("second"));
  succeedWith(run, "second", 200_000);
  run.succeed("first");
  run.submit(taskSpec("reader", { dependencies: ["second"] }));
  assertEquals(run.workerOf("reader"), "w");
});

Deno.test("a result that dies with its node is computed again for the client that has not fetched it", () => {
  const run = new Scenario();
  nodes(run, "w");
  run.submit(taskSpec("a"));
  run.succeed("a");
  run.send({ type: "WorkerDied", workerId: "w", reason: "gone" });
  assertEquals(run.stateOf("a"), "ready");
  nodes(run, "v");
  run.succeed("a");
  assertEquals(run.told("a").length, 2);
  assertEquals(objectPlaces(run.state, "result of a").workerIds, ["v"]);
});

Deno.test("a result that nobody wants any more is not computed again", () => {
  const run = new Scenario();
  nodes(run, "w", "v");
  run.submit(taskSpec("a"), taskSpec("b"));
  run.succeed("a");
  release(run, "a");
  const commands = run.send({ type: "WorkerDied", workerId: "w", reason: "gone" });
  assertEquals(startsIn(commands), []);
  assertEquals(objectPlaces(run.state, "result of a").workerIds, []);
});

Deno.test("a result that somebody else has a copy of is not computed again", () => {
  const run = new Scenario();
  nodes(run, "w", "v");
  run.submit(taskSpec("a"));
  run.succeed("a");
  run.send({
    type: "ObjectsStored",
    holder: "v",
    objects: [{ objectId: "result of a", sizeBytes: 1 }],
  });
  run.send({ type: "WorkerDied", workerId: "w", reason: "gone" });
  assertEquals(run.stateOf("a"), "succeeded");
});

Deno.test("a chain of lost results is computed again from its beginning, released tasks included", () => {
  const run = new Scenario();
  nodes(run, "w");
  run.submit(
    taskSpec("a"),
    taskSpec("b", { dependencies: ["a"] }),
    taskSpec("c", { dependencies: ["b"] }),
  );
  for (const taskId of ["a", "b", "c"]) run.succeed(taskId);
  release(run, "a", "b");
  run.waitWithHeartbeats(20_000, "w");
  assertEquals(run.all("DeleteObject").map(({ objectId }) => objectId).sort(), [
    "result of a",
    "result of b",
  ]);
  run.send({ type: "WorkerDied", workerId: "w", reason: "gone" });
  assertEquals(["a", "b", "c"].map((id) => run.stateOf(id)), ["ready", "waiting", "waiting"]);
  nodes(run, "v");
  for (const taskId of ["a", "b", "c"]) run.succeed(taskId);
  assertEquals(run.told("c").at(-1), { type: "succeeded", result: resultOf("c") });
  const forgotten = ofType(release(run, "c"), "ForgetTask").map(({ taskId }) => taskId);
  assertEquals(forgotten.sort(), ["a", "b", "c"]);
});

Deno.test("a new task that reads a released result whose object was deleted has it computed again", () => {
  const run = new Scenario();
  nodes(run, "w");
  run.submit(taskSpec("a"), taskSpec("b", { dependencies: ["a"] }));
  run.succeed("a");
  run.succeed("b");
  release(run, "a");
  run.waitWithHeartbeats(20_000, "w");
  run.submit(taskSpec("c", { dependencies: ["a"] }));
  assertEquals([run.stateOf("a"), run.stateOf("c")], ["assigned", "waiting"]);
  run.succeed("a");
  assertEquals(run.stateOf("c"), "assigned");
});

Deno.test("a task that was sent to a worker but has not begun waits when what it reads is lost; one that runs goes on", () => {
  const run = new Scenario();
  nodes(run, "w");
  run.submit(taskSpec("a"));
  run.succeed("a");
  nodes(run, "v", "u");
  run.submit(taskSpec("busy"));
  run.submit(taskSpec("begun", { dependencies: ["a"] }), taskSpec("sent", { dependencies: ["a"] }));
  assertEquals([run.workerOf("begun"), run.workerOf("sent")], ["v", "u"]);
  run.started("begun");
  const commands = run.send({ type: "WorkerDied", workerId: "w", reason: "gone" });
  assertEquals(ofType(commands, "CancelAttempt").map(({ taskId, reason }) => [taskId, reason]), [
    ["sent", "stale"],
  ]);
  assertEquals([run.stateOf("begun"), run.stateOf("sent")], ["running", "waiting"]);
  run.succeed("begun");
  assertEquals(run.stateOf("begun"), "succeeded");
});

Deno.test("what is computed again is cancelled when nobody wants it any more", () => {
  const run = new Scenario();
  nodes(run, "w", "v");
  run.submit(taskSpec("a"));
  run.succeed("a");
  const commands = run.send({ type: "WorkerDied", workerId: "w", reason: "gone" });
  assertEquals(startsIn(commands), ["a"]);
  assertEquals(ofType(release(run, "a"), "CancelAttempt").length, 1);
  assertEquals(run.stateOf("a"), "unknown");
});

Deno.test("a result that is lost again and again fails in the end", () => {
  const run = new Scenario({ maxLosses: 2 });
  for (const workerId of ["w1", "w2", "w3"]) {
    nodes(run, workerId);
    if (workerId === "w1") run.submit(taskSpec("a"));
    run.succeed("a");
    run.send({ type: "WorkerDied", workerId, reason: "gone" });
  }
  assertStringIncludes(failureOf(run, "a"), "ObjectLost: Cannot compute the result of work again");
});

Deno.test("a put that is lost fails the tasks that read it, and names the object and the node", () => {
  const run = new Scenario();
  nodes(run, "w");
  run.send({ type: "ObjectsHeld", clientId: "client", objects: [PRICES] });
  run.send({ type: "ObjectsStored", holder: "w", objects: [PRICES] });
  run.submit(taskSpec("blocker"), taskSpec("a", { objects: [PRICES] }));
  run.send({ type: "WorkerDied", workerId: "w", reason: "gone" });
  const failure = failureOf(run, "a");
  assertStringIncludes(failure, "ObjectLost: Cannot run work: it reads object prices");
  assertStringIncludes(failure, "lost with w");
  assertEquals(objectPlaces(run.state, "prices").lostFrom, "w");
});

Deno.test("a task whose argument nobody ever put fails at once", () => {
  const run = new Scenario();
  run.submit(taskSpec("a", { objects: [PRICES] }));
  assertStringIncludes(failureOf(run, "a"), "it was never put, or was released and deleted");
  assertEquals(objectTotals(run.state).count, 0);
});

Deno.test("an attempt that could not have its inputs is tried again after a while, and fails past the limit", () => {
  const run = new Scenario({ maxLosses: 1 });
  run.join("w");
  put(run, PRICES);
  run.submit(taskSpec("a", { objects: [PRICES] }));
  const starved = { type: "starved", objectIds: ["prices"], message: "no source" } as const;
  run.ended("a", starved);
  assertEquals(run.stateOf("a"), "delayed");
  run.waitUntil(1_000);
  assertEquals(run.stateOf("a"), "assigned");
  run.ended("a", starved);
  assertStringIncludes(failureOf(run, "a"), "could not be had: no source");
});

Deno.test("a broken copy is dropped, and with the last one what it was is computed again", () => {
  const run = new Scenario();
  nodes(run, "w");
  run.submit(taskSpec("a"));
  run.succeed("a");
  run.send({ type: "ObjectsDropped", holder: "w", objectIds: ["result of a"] });
  assertEquals(run.stateOf("a"), "assigned");
});

Deno.test("a put or a pinned object whose only copies are on spot nodes is fetched by the head", () => {
  const run = new Scenario();
  openStore(run, "spot", [PRICES], true);
  run.join("spot");
  const held = run.send({ type: "ObjectsHeld", clientId: "client", objects: [PRICES] });
  assertEquals(ofType(held, "SecureObject").map(({ workerId }) => workerId), ["spot"]);
  run.send({ type: "ObjectsStored", holder: undefined, objects: [PRICES] });
  const pinned = run.send({ type: "ObjectsPinned", objects: [PRICES] });
  assertEquals(ofType(pinned, "SecureObject"), []);
  // The head loses its copy: there is the spot node's alone again.
  const dropped = run.send({ type: "ObjectsDropped", holder: undefined, objectIds: ["prices"] });
  assertEquals(ofType(dropped, "SecureObject").length, 1);
});

Deno.test("a worker that comes back tells what it has: what is gone is missing, what nobody needs is deleted", () => {
  const run = new Scenario();
  nodes(run, "w");
  run.submit(taskSpec("a"));
  run.succeed("a");
  openStore(run, "w", [PRICES]);
  run.join("w");
  assertEquals(run.stateOf("a"), "assigned");
  const deleted = run.waitWithHeartbeats(10_000, "w");
  assertEquals(
    ofType(deleted, "DeleteObject").map(({ objectId, workerIds }) => [objectId, workerIds]),
    [
      ["prices", ["w"]],
    ],
  );
});

Deno.test("after a restart of the head results are not computed again before their workers could come back", () => {
  const before = new Scenario();
  nodes(before, "w");
  before.submit(taskSpec("a"), taskSpec("b"));
  before.succeed("a");
  before.succeed("b");
  const records = [...before.state.tasks.values()].map(({ record }) => record);

  const run = new Scenario({ epoch: 2 });
  run.restore(records);
  run.waitUntil(5_000);
  openStore(run, "w", [{ objectId: "result of a", sizeBytes: 1 }]);
  run.join("w");
  run.waitWithHeartbeats(9_000, "w");
  assertEquals([run.stateOf("a"), run.stateOf("b")], ["succeeded", "succeeded"]);
  run.waitWithHeartbeats(10_500, "w");
  assertEquals([run.stateOf("a"), run.stateOf("b")], ["succeeded", "assigned"]);
});

Deno.test("past the limit of lineage ended tasks are forgotten as before, and a lost result says what is missing", () => {
  const run = new Scenario({ maxLineage: 0 });
  nodes(run, "w");
  run.submit(taskSpec("a"), taskSpec("b", { dependencies: ["a"] }));
  run.succeed("a");
  run.succeed("b");
  assertEquals(ofType(release(run, "a"), "ForgetTask").length, 1);
  run.send({ type: "WorkerDied", workerId: "w", reason: "gone" });
  const failure = failureOf(run, "b");
  assert(failure.includes("its dependency a is not known"), failure);
});

Deno.test("a draining worker stays until the head has what lies there alone, and is needed", () => {
  const run = new Scenario();
  nodes(run, "old", "other");
  run.submit(taskSpec("a"), taskSpec("b"));
  const shared: ObjectSize = { objectId: "shared", sizeBytes: 10 };
  put(run, shared);
  run.send({ type: "ObjectsStored", holder: "old", objects: [shared] });
  const onOld = run.workerOf("a") === "old" ? "a" : "b";
  succeedWith(run, onOld, 1_000);
  const commands = run.send({ type: "DrainRequested", workerId: "old", graceMs: Infinity });
  const result = { objectId: `result of ${onOld}`, sizeBytes: 1_000 };
  assertEquals(ofType(commands, "SecureObject"), [
    { type: "SecureObject", objectId: result.objectId, workerId: "old" },
  ]);
  assertEquals(ofType(run.waitWithHeartbeats(30_000, "old"), "ReleaseWorker"), []);
  const brought = run.send({ type: "ObjectsStored", holder: undefined, objects: [result] });
  assertEquals(ofType(brought, "ReleaseWorker").map(({ workerId }) => workerId), ["old"]);
});

Deno.test("a draining worker brings also what its last task came to, and is not kept for ever", () => {
  const run = new Scenario();
  nodes(run, "old");
  run.submit(taskSpec("a"));
  const drained = run.send({ type: "DrainRequested", workerId: "old", graceMs: Infinity });
  assertEquals(ofType(drained, "SecureObject"), []);
  succeedWith(run, "a", 1_000);
  assertEquals(run.all("SecureObject").map(({ objectId }) => objectId), ["result of a"]);
  assertEquals(run.all("ReleaseWorker"), []);
  run.waitWithHeartbeats(59_000, "old");
  assertEquals(run.all("ReleaseWorker"), []);
  run.waitWithHeartbeats(61_000, "old");
  assertEquals(run.all("ReleaseWorker").length, 1);
});

Deno.test("a draining worker is not kept for what nobody wants any more", () => {
  const run = new Scenario();
  nodes(run, "old");
  run.submit(taskSpec("a"));
  succeedWith(run, "a", 1_000);
  run.send({ type: "DrainRequested", workerId: "old", graceMs: Infinity });
  assertEquals(run.all("ReleaseWorker"), []);
  release(run, "a");
  run.waitWithHeartbeats(GRACE_MS + 1_000, "old");
  assertEquals(run.all("ReleaseWorker").length, 1);
});
