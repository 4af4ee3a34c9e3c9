import type { ClientMessage, WorkerMessage } from "../../../cluster/protocol/messages.ts";
import { encodeFrame } from "../../../cluster/protocol/codec.ts";
import { encodePlain } from "../../../src/base/value_codec.ts";
import type { Rng } from "../../../src/base/rng.ts";

const task = {
  taskId: "t",
  name: "n",
  payload: new Uint8Array(10),
  dependencies: ["u"],
  objects: [],
  resources: { cpus: 1, gpus: 0.5 },
  priority: 0,
  retry: {
    maxAttempts: 2,
    baseDelayMs: 1,
    maxDelayMs: 2,
    retryOn: { kinds: ["thrown"], names: ["E"] },
  },
  runTimeoutMs: 1_000,
  isDetached: false,
  rules: {
    queueTimeoutMs: 1_000,
    run: { runId: "r", weight: 1 },
    affinity: { nodes: ["w"], labels: ["l"], mode: "prefer" },
    speculate: true,
    failFast: false,
    idempotency: { key: "k", fingerprint: "f" },
  },
} as const;

const inline = { type: "inline", bytes: new Uint8Array(3) } as const;
const stored = { type: "stored", objectId: "a".repeat(64), sizeBytes: 5 } as const;
const thrown = { name: "E", message: "m", stack: "s" };
const error = {
  kind: "thrown",
  ...thrown,
  details: { properties: { code: 5 }, cause: { ...thrown, errors: [thrown] } },
  place: { workerId: "w", attemptNumber: 1 },
} as const;
const attempts = [{ taskId: "t", attemptId: 2 ** 32 }];

/** A message of every type that a client sends after its hello, but for its goodbye. */
export const CLIENT_MESSAGES: readonly ClientMessage[] = [
  { type: "SubmitTasks", tasks: [task, { ...task, taskId: "u", dependencies: [], rules: {} }] },
  { type: "CancelTasks", taskIds: ["t"] },
  { type: "ReleaseTasks", taskIds: ["t", "u"] },
  { type: "GetStatus", requestId: 1 },
  { type: "GrantItems", taskId: "t", received: 1, upTo: 5, isResend: true },
];

/** A message of every type that a worker sends after its hello. */
export const WORKER_MESSAGES: readonly WorkerMessage[] = [
  { type: "AttemptsStarted", attempts },
  {
    type: "AttemptsEnded",
    attempts: [
      { ...attempts[0], report: { type: "succeeded", result: inline, durationMs: 1 } },
      { ...attempts[0], report: { type: "succeeded", result: stored, durationMs: 1 } },
      { ...attempts[0], report: { type: "failed", error, durationMs: 1 } },
      { ...attempts[0], report: { type: "cancelled" } },
    ],
  },
  {
    type: "Heartbeat",
    executors: [{ pid: 1, peakMemoryBytes: 2, tasksDone: 3, isAlive: true, permissions: "" }],
    preparing: ["0".repeat(64)],
  },
  { type: "AttemptsPreparing", attempts },
  { type: "MemoryPressure", isUnderPressure: true },
  { type: "AttemptsBlocked", attempts },
  { type: "AttemptsResumed", attempts },
  {
    type: "NestedFrame",
    ...attempts[0],
    frame: encodeFrame([
      { type: "ClientHello", protocol: 1, clientId: "inside" },
      { type: "SendItems", first: 0, items: [inline, stored] },
      ...CLIENT_MESSAGES,
    ]),
  },
];

/** Values that somebody may have forgotten to think of. */
const STRANGE: readonly unknown[] = [
  null,
  undefined,
  NaN,
  Infinity,
  -1,
  0,
  0.5,
  2 ** 53,
  -(2 ** 63),
  10n ** 18n,
  "",
  "x".repeat(1_000),
  "\u0000\ud800",
  "constructor",
  [],
  {},
  new Uint8Array(0),
  new Float64Array(2),
  new Date(0),
  true,
];

/** A frame that was a message once: a value in it is another, a byte, its end, or all of it. */
export function mutatedFrame(
  message: ClientMessage | WorkerMessage,
  rng: Rng,
): Uint8Array<ArrayBuffer> {
  switch (rng.below(5)) {
    case 0:
      return Uint8Array.from({ length: rng.below(200) }, () => rng.below(256));
    case 1: {
      const frame = encodeFrame([message]);
      return frame.slice(0, rng.below(frame.length));
    }
    case 2: {
      const frame = encodeFrame([message]);
      for (let i = 1 + rng.below(3); i > 0; i--) frame[rng.below(frame.length)] = rng.below(256);
      return frame;
    }
    default:
      return encodePlain([mutated(message, rng)]);
  }
}

/** A copy with one value replaced, somewhere in it. */
function mutated(value: unknown, rng: Rng): unknown {
  const isContainer = typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
  const keys = isContainer ? Object.keys(value) : [];
  if (keys.length === 0 || rng.below(6) === 0) return STRANGE[rng.below(STRANGE.length)];
  const key = keys[rng.below(keys.length)];
  const inner = mutated((value as Record<string, unknown>)[key], rng);
  return Array.isArray(value)
    ? value.map((item, i) => String(i) === key ? inner : item)
    : { ...value as Record<string, unknown>, [key]: inner };
}
