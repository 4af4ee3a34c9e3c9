import type { AttemptName, ClientMessage, HeadToClientMessage } from "../protocol/messages.ts";
import type { AttemptId } from "../scheduler/types.ts";

/** Between which clients the items of streams travel. They pass the head and are not kept: the attempt has them until
 * they have arrived, and what is lost on the way is asked for again. */
export interface ItemRoutes {
  /** Who submitted a task, and its live attempt; undefined while there is none. */
  readonly liveAttempt: (
    taskId: string,
  ) => { readonly clientId: string; readonly attemptId: AttemptId } | undefined;
  readonly send: (clientId: string, message: HeadToClientMessage) => void;
}

/** Passes items on to whoever submitted the task; those of an attempt that is not live go nowhere. */
export function passItems(
  { liveAttempt, send }: ItemRoutes,
  { taskId, attemptId }: AttemptName,
  { first, items }: Extract<ClientMessage, { readonly type: "SendItems" }>,
): void {
  const live = liveAttempt(taskId);
  if (live?.attemptId !== attemptId) return;
  send(live.clientId, { type: "ItemsSent", taskId, attemptId, first, items });
}

/** Passes a grant on to the live attempt of a task that this client submitted. */
export function passGrant(
  { liveAttempt, send }: ItemRoutes,
  clientId: string,
  { taskId, received, upTo, isResend }: Extract<ClientMessage, { readonly type: "GrantItems" }>,
): void {
  const live = liveAttempt(taskId);
  if (live?.clientId !== clientId) return;
  send(nestedClientId(live.attemptId), { type: "ItemsGranted", received, upTo, isResend });
}

/** The id of the client inside an attempt. Not what it calls itself: it could take the name, and the outcomes, of
 * another. */
export function nestedClientId(attemptId: AttemptId): string {
  return `attempt-${attemptId}`;
}
