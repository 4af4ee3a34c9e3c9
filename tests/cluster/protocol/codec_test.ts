import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodePlain } from "../../../src/base/value_codec.ts";
import {
  decodeClientFrame,
  decodeFromExecutorFrame,
  decodeHeadToClientFrame,
  decodeHeadToWorkerFrame,
  decodeWorkerFrame,
  encodeFrame,
} from "../../../cluster/protocol/codec.ts";
import { MAX_PAYLOAD_BYTES } from "../../../cluster/protocol/limits.ts";
import type { ClientMessage, WorkerMessage } from "../../../cluster/protocol/messages.ts";
import { ProtocolError } from "../../../cluster/protocol/shapes.ts";

const TASK = {
  taskId: "client_1/0",
  name: "optimise",
  payload: new Uint8Array([1, 2, 3]),
  dependencies: ["client_1/7"],
  objects: [],
  resources: { cpus: 0.5 },
  priority: -1,
  retry: { maxAttempts: 3, baseDelayMs: 100, maxDelayMs: 1000 },
  runTimeoutMs: Infinity,
};

Deno.test("decodeClientFrame() reads what encodeFrame() wrote", () => {
  const messages: ClientMessage[] = [
    { type: "ClientHello", protocol: 1, clientId: "client_1" },
    { type: "SubmitTasks", tasks: [TASK] },
    { type: "Goodbye" },
  ];
  const decoded = decodeClientFrame(encodeFrame(messages));
  assertEquals(JSON.stringify(decoded), JSON.stringify(messages));
});

Deno.test("decodeWorkerFrame() reads reports with results and errors", () => {
  const messages: WorkerMessage[] = [{
    type: "AttemptsEnded",
    attempts: [
      {
        taskId: "t",
        attemptId: 2 ** 40,
        report: {
          type: "succeeded",
          result: { type: "stored", objectId: "ab".repeat(32), sizeBytes: 5 },
          durationMs: 1.5,
        },
      },
      {
        taskId: "u",
        attemptId: 3,
        report: {
          type: "failed",
          error: { kind: "thrown", name: "E", message: "m" },
          durationMs: 0,
        },
      },
      { taskId: "v", attemptId: 4, report: { type: "cancelled" } },
    ],
  }];
  assertEquals(decodeWorkerFrame(encodeFrame(messages)), messages);
});

Deno.test("decodeClientFrame() names the path of what is wrong", () => {
  const refused = (message: unknown, reason: string) =>
    assertThrows(() => decodeClientFrame(encodePlain([message])), ProtocolError, reason);
  refused(
    { type: "SubmitTasks", tasks: [{ ...TASK, priority: NaN }] },
    "frame[0].tasks[0].priority must be a number",
  );
  refused(
    { type: "SubmitTasks", tasks: [{ ...TASK, resources: { cpus: -1 } }] },
    "resources.cpus must be a number",
  );
  refused({ type: "SubmitTasks", tasks: {} }, "frame[0].tasks must be a list, found object");
  refused({ type: "CancelTasks", taskIds: ["x".repeat(201)] }, "longer than 200 characters");
  refused({ type: "Nonsense" }, 'frame[0].type is unknown: "Nonsense"');
  refused(
    { type: "SubmitTasks", tasks: [{ ...TASK, payload: new Uint8Array(MAX_PAYLOAD_BYTES + 1) }] },
    `the limit is ${MAX_PAYLOAD_BYTES}`,
  );
});

Deno.test("frames of strangers are refused with a ProtocolError, whatever their bytes", () => {
  const decoders = [
    decodeClientFrame,
    decodeWorkerFrame,
    decodeHeadToClientFrame,
    decodeHeadToWorkerFrame,
    decodeFromExecutorFrame,
  ];
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.anything().map(tryEncode));
  fc.assert(
    fc.property(bytes, fc.constantFrom(...decoders), (frame, decode) => {
      try {
        const messages = decode(frame);
        assertEquals(messages.every(({ type }) => typeof type === "string"), true);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a frame with flipped bits is read or refused, never worse", () => {
  const frame = encodeFrame([{ type: "SubmitTasks", tasks: [TASK, TASK] }]);
  for (let i = 0; i < frame.length * 8; i++) {
    const mutated = frame.slice();
    mutated[i >> 3] ^= 1 << (i & 7);
    try {
      decodeClientFrame(mutated);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
});

function tryEncode(value: unknown): Uint8Array {
  try {
    return encodePlain([value]);
  } catch {
    return new Uint8Array();
  }
}
