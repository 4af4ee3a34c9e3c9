import type { Clock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { FlowStore } from "../store/flow_store.ts";
import type { Delivery } from "./notifications.ts";
import { SIGNATURE_HEADER, signWebhook } from "./webhook_signature.ts";

const TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 8;
const BASE_DELAY_MS = 1000;

/** Delivers what is due. What fails is tried again after a second, two, four and so on, eight times in all.
 * @param onFailure told of each attempt that failed
 * @returns how many have arrived */
export async function deliverDue(
  store: FlowStore,
  clock: Clock,
  onFailure: (message: string) => void,
): Promise<number> {
  let arrived = 0;
  for (const delivery of store.notifications.due(clock.nowMs())) {
    try {
      await deliver(delivery, clock.nowMs());
      store.notifications.forget(delivery);
      arrived++;
    } catch (error) {
      const attempt = delivery.attempts + 1;
      onFailure(
        `${delivery.notification} was not reached, attempt ${attempt}: ${errorMessage(error)}`,
      );
      if (attempt >= MAX_ATTEMPTS) store.notifications.forget(delivery);
      else {store.notifications.postpone(
          delivery,
          clock.nowMs() + BASE_DELAY_MS * 2 ** delivery.attempts,
        );}
    }
  }
  return arrived;
}

async function deliver({ id, target, body }: Delivery, nowMs: number): Promise<void> {
  if (target.type === "command") return await runCommand(target.command, body);
  const response = await fetch(target.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "tradewind-delivery": String(id),
      [SIGNATURE_HEADER]: signWebhook(body, target.secret, nowMs),
    },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
}

async function runCommand([program, ...args]: readonly string[], body: string): Promise<void> {
  const child = new Deno.Command(program!, {
    args,
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that does not read its input ends before all is written: how it ended says whether it worked.
  await writer.write(new TextEncoder().encode(body)).then(() => writer.close()).catch(() => {});
  const { code, stderr } = await child.output();
  if (code !== 0) {
    throw new Error(
      `it ended with ${code}: ${new TextDecoder().decode(stderr).trim().slice(-500)}`,
    );
  }
}
