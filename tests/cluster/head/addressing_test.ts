import { assertEquals } from "@std/assert";
import { addressMail } from "../../../cluster/head/addressing.ts";
import type { SchedulerCommand } from "../../../cluster/scheduler/types.ts";

const SPEC = {
  taskId: "t1",
  clientId: "c1",
  name: "n",
  payload: new Uint8Array(),
  dependencies: [],
  objects: [],
  resources: { cpus: 1 },
  priority: 0,
  retry: { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 },
  runTimeoutMs: Infinity,
};

Deno.test("addressMail() makes one short list of messages a receiver: starts first, releases last", () => {
  const commands: SchedulerCommand[] = [
    { type: "ReleaseWorker", workerId: "w1" },
    { type: "AcknowledgeAttempt", workerId: "w1", attemptId: 1 },
    {
      type: "StartAttempt",
      workerId: "w1",
      attemptId: 2,
      spec: SPEC,
      attemptNumber: 1,
      inputs: [],
      objects: [],
    },
    { type: "AcknowledgeAttempt", workerId: "w1", attemptId: 3 },
    { type: "CancelAttempt", workerId: "w2", taskId: "t", attemptId: 4, reason: "stale" },
    { type: "TellClient", clientId: "c1", taskId: "t1", outcome: { type: "cancelled" } },
    { type: "DropWorker", workerId: "w3", reason: "it was silent" },
    { type: "DeleteObject", objectId: "o", workerIds: ["w2", undefined] },
    { type: "SecureObject", objectId: "p", workerId: "w2" },
  ];
  const { toWorkers, toClients, dropped, deletedHere, secured } = addressMail(commands);
  assertEquals(toWorkers.get("w1")?.map(({ type }) => type), [
    "StartAttempts",
    "AcknowledgeAttempts",
    "Release",
  ]);
  assertEquals(toWorkers.get("w1")?.[1], { type: "AcknowledgeAttempts", attemptIds: [1, 3] });
  assertEquals(toWorkers.get("w2"), [{
    type: "CancelAttempts",
    attempts: [{ taskId: "t", attemptId: 4, reason: "stale" }],
  }, { type: "DeleteObjects", objectIds: ["o"] }]);
  assertEquals([deletedHere, secured], [["o"], ["p"]]);
  assertEquals(toClients.get("c1")?.length, 1);
  assertEquals(dropped, [{ workerId: "w3", reason: "it was silent" }]);
});
