import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import {
  ENDED,
  FORGOTTEN,
  LIVED,
  type Operation,
  OperationCodec,
  SAVED,
} from "../../../cluster/head/operations.ts";
import type {
  ActorLife,
  Resources,
  TaskOutcome,
  TaskSpec,
} from "../../../cluster/scheduler/types.ts";

const RESOURCES: Resources[] = [{ cpus: 1 }, { cpus: 0.5, memoryBytes: 1e9 }];
const RETRY = { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 };
const LIFE: ActorLife = { incarnation: 9, checkpoint: undefined };
const PARENT = { taskId: "up", attemptId: 7, isDetached: false };

const id = fc.stringMatching(/^[a-z]{1,8}\/\d{1,4}$/);
const bytes = fc.uint8Array({ maxLength: 20 });
const spec: fc.Arbitrary<TaskSpec> = fc.record({
  taskId: id,
  clientId: fc.constantFrom("c", "d"),
  name: fc.constantFrom("work", "rest"),
  payload: bytes,
  dependencies: fc.array(id, { maxLength: 2 }),
  objects: fc.array(fc.record({ objectId: id, sizeBytes: fc.nat() }), { maxLength: 2 }),
  resources: fc.constantFrom(...RESOURCES),
  priority: fc.constantFrom(0, -1.5),
  retry: fc.constant(RETRY),
  runTimeoutMs: fc.constantFrom(Infinity, 1_000),
}).chain((each) =>
  fc.constantFrom<TaskSpec>(
    each,
    { ...each, rules: { speculate: true } },
    { ...each, parent: PARENT },
    { ...each, actor: { type: "creation", maxConcurrency: 1, isDetached: false } },
  )
);
const outcome: fc.Arbitrary<TaskOutcome> = fc.oneof(
  bytes.map((bytes): TaskOutcome => ({ type: "succeeded", result: { type: "inline", bytes } })),
  fc.constantFrom<TaskOutcome>(
    { type: "succeeded", result: { type: "stored", objectId: "o", sizeBytes: 9 } },
    { type: "failed", error: { kind: "thrown", name: "Error", message: "no" } },
    { type: "cancelled" },
  ),
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(spec, fc.nat()).map(([spec, atMs]): Operation => [SAVED, spec, atMs]),
  fc.tuple(spec, fc.nat()).map(([{ payload: _, ...rest }, atMs]): Operation => [
    SAVED,
    rest,
    atMs,
    [1, 2, 3],
  ]),
  fc.tuple(id, outcome, fc.nat(2), fc.nat(2)).map(([id, outcome, failures, losses]): Operation => [
    ENDED,
    id,
    { outcome, failures, losses, finishedAtMs: 5.5 },
  ]),
  id.map((id): Operation => [FORGOTTEN, id]),
  id.map((id): Operation => [LIVED, id, LIFE]),
);

/** Bytes of a larger buffer are compared by their content. */
function plain(operations: readonly Operation[]): unknown {
  return JSON.parse(JSON.stringify(
    operations,
    (_, value) => value instanceof Uint8Array ? [...value] : value === Infinity ? "∞" : value,
  ));
}

Deno.test("OperationCodec gives back what it was given, whatever kinds of tasks follow each other", () => {
  const codec = new OperationCodec();
  fc.assert(fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
    const entry = new Uint8Array(codec.encode(operations));
    assertEquals(plain(codec.decode(entry)), plain(operations));
  }));
});

Deno.test("OperationCodec writes what tasks of a batch have in common once", () => {
  const codec = new OperationCodec();
  const rules = { run: { runId: "r".repeat(200), weight: 1 } };
  const saved = (i: number): Operation => [
    SAVED,
    {
      taskId: `c/${i}`,
      clientId: "c",
      name: "work",
      payload: new Uint8Array(10),
      dependencies: [],
      objects: [],
      resources: RESOURCES[0]!,
      priority: 0,
      retry: RETRY,
      runTimeoutMs: Infinity,
      rules,
    },
    i,
  ];
  const sizeBytes = (count: number) =>
    codec.encode(Array.from({ length: count }, (_, i) => saved(i))).byteLength;
  assertLess(sizeBytes(100) - sizeBytes(1), 99 * 40);
});
