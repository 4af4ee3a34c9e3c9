import { Head, type HeadOptions } from "../../../cluster/head/head.ts";
import { decodeHeadToWorkerFrame } from "../../../cluster/protocol/codec.ts";
import { Connection } from "../../../cluster/protocol/connection.ts";
import type { HeadToWorkerMessage, WorkerMessage } from "../../../cluster/protocol/messages.ts";
import type { Resources } from "../../../cluster/scheduler/types.ts";

/** The token of the heads that tests start. */
export const TOKEN = "the token of a test";

/** Runs a test with a head of this process, and what it noticed. */
export async function withHead(
  test: (head: Head, notices: string[], stateDir: string) => Promise<void>,
  options: Partial<HeadOptions> = {},
): Promise<void> {
  const stateDir = await Deno.makeTempDir();
  const notices: string[] = [];
  const onNotice = (message: string) => notices.push(message);
  const head = new Head({ stateDir, token: TOKEN, onNotice, ...options });
  try {
    await test(head, notices, stateDir);
  } finally {
    await head[Symbol.asyncDispose]();
    await Deno.remove(stateDir, { recursive: true });
  }
}

/** A connection to a head that behaves like a worker, as far as a test needs it. */
export interface ScriptedWorker {
  readonly send: (message: WorkerMessage) => void;
  readonly close: () => Promise<void>;
  readonly lost: Promise<Error>;
  /** The first attempt that the head acknowledged. */
  readonly acknowledged: Promise<number>;
}

/** A worker without processes: it answers a task by what `work` says, or not at all. */
export function scriptedWorker(
  head: Head,
  work: (
    attempt: { readonly taskId: string; readonly attemptId: number },
  ) => WorkerMessage | undefined,
  { protocol = 1, workerId = "w", capacity = { cpus: 1 } as Resources } = {},
): ScriptedWorker {
  const lost = Promise.withResolvers<Error>();
  const acknowledged = Promise.withResolvers<number>();
  const connection = new Connection<HeadToWorkerMessage>({
    headUrl: head.url,
    endpoint: "worker",
    token: TOKEN,
    decode: decodeHeadToWorkerFrame,
    hello: () => ({
      type: "WorkerHello",
      protocol,
      workerId,
      pid: 1,
      capacity,
      held: [],
      store: { type: "shared" },
    }),
    onMessage: (message) => {
      if (message.type === "StartAttempts") {
        const answers = message.attempts.map(work).filter((answer) => answer !== undefined);
        if (answers.length > 0) connection.send(answers);
      }
      if (message.type === "ProbeStatus") {
        connection.send([{ type: "Heartbeat", executors: [], preparing: [] }]);
      }
      if (message.type === "AcknowledgeAttempts") acknowledged.resolve(message.attemptIds[0]);
    },
    onLost: lost.resolve,
    patienceMs: 1_000,
  });
  return {
    send: (message) => connection.send([message]),
    close: () => connection.close(),
    lost: lost.promise,
    acknowledged: acknowledged.promise,
  };
}
