import { CodedError } from "../../src/base/errors.ts";
import type { ConnectOptions } from "./connect.ts";
import { bearer } from "../protocol/access.ts";

/** Asks the head to drain a worker: it gets nothing new, hands back what it has not begun, and ends once what it runs has
 * ended. Resolves when the head has begun; its status shows how it goes.
 * @param graceMs how long what it runs may go on; then that runs elsewhere. Infinity: to its end
 * @throws {Error} when the head cannot be reached, refuses the token, or has no such worker */
export async function drainWorker(
  head: Pick<ConnectOptions, "headUrl" | "token">,
  workerId: string,
  graceMs = Infinity,
): Promise<void> {
  await post(head, drainPath(workerId, graceMs));
}

/** The path at a head to which a POST with its token asks it to drain a worker.
 * @param graceMs see {@linkcode drainWorker} */
export function drainPath(workerId: string, graceMs: number): string {
  const grace = graceMs === Infinity ? "" : `&grace=${graceMs}`;
  return `/drain?worker=${encodeURIComponent(workerId)}${grace}`;
}

/** Asks the head to drain all workers and to end then. Tasks that have not ended stay in its store. Resolves when the
 * head has begun.
 * @param graceMs how long what workers run may go on
 * @throws {Error} when the head cannot be reached or refuses the token */
export async function stopHead(
  head: Pick<ConnectOptions, "headUrl" | "token">,
  graceMs: number,
): Promise<void> {
  await post(head, `/stop?grace=${graceMs}`);
}

/** Has the head make a new token.
 * @param graceMs how long the old one opens doors beside it; 0: not at all, and nobody is told but the caller
 * @returns the new one
 * @throws {Error} when the head cannot be reached, refuses the token, or keeps it in no file */
export async function rotateToken(
  head: Pick<ConnectOptions, "headUrl" | "token">,
  graceMs: number,
): Promise<string> {
  const { token } = JSON.parse(await post(head, `/token?grace=${graceMs}`)) as { token: string };
  return token;
}

async function post(
  { headUrl, token }: Pick<ConnectOptions, "headUrl" | "token">,
  path: string,
): Promise<string> {
  const headers = { authorization: bearer(token) };
  const response = await fetch(headUrl + path, { method: "POST", headers }).catch((cause) => {
    throw new CodedError("head/unreachable", `Cannot reach the head at ${headUrl}`, { cause });
  });
  const said = await response.text();
  if (response.status === 401) {
    throw new CodedError("head/refused", `The head at ${headUrl} refused the token`);
  }
  if (!response.ok) {
    throw new CodedError(
      "head/refused",
      `The head at ${headUrl} answered ${response.status} ${said}`,
    );
  }
  return said;
}
