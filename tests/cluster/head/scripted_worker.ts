import { Head } from "../../../cluster/head/head.ts";
import { decodeHeadToWorkerFrame } from "../../../cluster/protocol/codec.ts";
import { Connection } from "../../../cluster/protocol/connection.ts";
import type { HeadToWorkerMessage, WorkerMessage } from "../../../cluster/protocol/messages.ts";

/** What lets one into the heads of these tests. */
export const TOKEN = "the token of a test";

/** Runs a test with a head of this process, and what it noticed. */
export async function withHead(
  test: (head: Head, notices: string[], stateDir: string) => Promise<void>,
): Promise<void> {
  const stateDir = await Deno.makeTempDir();
  const notices: string[] = [];
  const head = new Head({ stateDir, token: TOKEN, onNotice: (message) => notices.push(message) });
  try {
    await test(head, notices, stateDir);
  } finally {
    await head[Symbol.asyncDispose]();
    await Deno.remove(stateDir, { recursive: true });
  }
}

/** A worker without processes: it answers a task by what `work` says. */
export function scriptedWorker(
  head: Head,
  work: (attempt: { readonly taskId: string; readonly attemptId: number }) => WorkerMessage,
  protocol = 1,
): { close: () => Promise<void>; lost: Promise<Error>; acknowledged: Promise<number> } {
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
      workerId: "w",
      pid: 1,
      capacity: { cpus: 1 },
      held: [],
    }),
    onMessage: (message) => {
      if (message.type === "StartAttempts") {
        message.attempts.forEach((attempt) => connection.send([work(attempt)]));
      }
      if (message.type === "ProbeStatus") connection.send([{ type: "Heartbeat", executors: [] }]);
      if (message.type === "AcknowledgeAttempts") acknowledged.resolve(message.attemptIds[0]);
    },
    onLost: lost.resolve,
    patienceMs: 1_000,
  });
  return {
    close: () => connection.close(),
    lost: lost.promise,
    acknowledged: acknowledged.promise,
  };
}
