import { assert, assertEquals } from "@std/assert";
import { connect } from "../../../cluster/client/mod.ts";
import type { Head } from "../../../cluster/head/head.ts";
import {
  decodeClientFrame,
  decodeWorkerFrame,
  encodeFrame,
} from "../../../cluster/protocol/codec.ts";
import { PROTOCOL_VERSION } from "../../../cluster/protocol/messages.ts";
import type { ClientMessage, WorkerMessage } from "../../../cluster/protocol/messages.ts";
import { ProtocolError } from "../../../cluster/protocol/shapes.ts";
import { createRng } from "../../../src/base/rng.ts";
import type { Rng } from "../../../src/base/rng.ts";
import { CLIENT_MESSAGES, mutatedFrame, WORKER_MESSAGES } from "./mutations.ts";
import { scriptedWorker, TOKEN, withHead } from "./scripted_worker.ts";

const SEED = Number(Deno.env.get("TV_FUZZ_SEED") ?? 20_240_229);
const DECODED_FRAMES = 5_000;
const SESSIONS = 120;
const FRAMES_PER_SESSION = 8;
const MAX_GROWTH_BYTES = 300e6;

function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[rng.below(items.length)];
}

Deno.test(`mutated frames are messages or a ProtocolError, nothing else (TV_FUZZ_SEED=${SEED})`, () => {
  const rng = createRng(SEED);
  let refused = 0;
  for (let i = 0; i < DECODED_FRAMES; i++) {
    const message = pick<ClientMessage | WorkerMessage>(rng, [
      ...CLIENT_MESSAGES,
      ...WORKER_MESSAGES,
    ]);
    const frame = mutatedFrame(message, rng);
    for (const decode of [decodeClientFrame, decodeWorkerFrame]) {
      try {
        decode(frame);
      } catch (error) {
        assert(error instanceof ProtocolError, `frame ${i}: ${error}`);
        refused++;
      }
    }
  }
  // Each is a message for one side at most, and most are none.
  assert(refused > DECODED_FRAMES && refused < 2 * DECODED_FRAMES, `${refused} were refused`);
});

/** One stranger with the token: a hello, then frames that are messages or were once, until it is cut off. */
async function session(
  head: Head,
  endpoint: "client" | "worker",
  index: number,
  rng: Rng,
): Promise<void> {
  const socket = new WebSocket(`${head.url.replace("http", "ws")}/${endpoint}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
  await new Promise<void>((resolve) => {
    socket.onopen = () => resolve();
    socket.onerror = () => resolve();
  });
  const hello: ClientMessage | WorkerMessage = endpoint === "client"
    ? { type: "ClientHello", protocol: PROTOCOL_VERSION, clientId: `c${index}` }
    : {
      type: "WorkerHello",
      protocol: PROTOCOL_VERSION,
      workerId: `w${index}`,
      pid: 1,
      capacity: { cpus: rng.below(4) },
      held: [{ type: "blocked", taskId: "t", attemptId: rng.below(2 ** 33) }],
      store: { type: "shared" },
    };
  const send = (frame: Uint8Array<ArrayBuffer>) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame);
  };
  send(rng.below(8) === 0 ? mutatedFrame(hello, rng) : encodeFrame([hello]));
  const messages = endpoint === "client" ? CLIENT_MESSAGES : WORKER_MESSAGES;
  for (let i = 0; i < FRAMES_PER_SESSION; i++) {
    const message = pick<ClientMessage | WorkerMessage>(rng, messages);
    send(rng.below(2) === 0 ? encodeFrame([message]) : mutatedFrame(message, rng));
  }
  if (socket.readyState === WebSocket.OPEN) socket.close();
  await closed;
}

Deno.test(`a head survives whatever comes to its port, and goes on with honest work (TV_FUZZ_SEED=${SEED})`, () =>
  withHead(async (head, notices) => {
    const rng = createRng(SEED);
    const before = Deno.memoryUsage().rss;
    for (let index = 0; index < SESSIONS; index++) {
      await session(head, index % 2 === 0 ? "client" : "worker", index, rng);
    }
    assert(notices.some((notice) => notice.includes("Cannot read")), "nothing was refused");
    assertEquals(notices.filter((notice) => notice.includes("state is broken")), []);
    const growth = Deno.memoryUsage().rss - before;
    assert(growth < MAX_GROWTH_BYTES, `it grew by ${Math.round(growth / 1e6)} MB`);

    const worker = scriptedWorker(head, ({ taskId, attemptId }) => ({
      type: "AttemptsEnded",
      attempts: [{
        taskId,
        attemptId,
        report: {
          type: "succeeded",
          result: { type: "inline", bytes: new Uint8Array([7]) },
          durationMs: 1,
        },
      }],
    }));
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const fn = { module: "file:///x.ts", exportName: "f" };
    assertEquals(await client.submit<number>(fn, []).result, 7);
    await client[Symbol.asyncDispose]();
    await worker.close();
  }));
