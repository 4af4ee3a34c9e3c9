import type { AttemptName, ClientMessage, HeadToClientMessage } from "../protocol/messages.ts";
import { attemptClientId } from "../scheduler/mod.ts";
import type { AttemptId, ObjectSize } from "../scheduler/types.ts";

/** Between which clients the items of streams travel. They pass the head and are not kept: the attempt has them until
 * they have arrived, and what is lost on the way is asked for again. */
export interface ItemRoutes {
  /** Who submitted a task, and its live attempt; undefined while there is none. */
  readonly liveAttempt: (
    taskId: string,
  ) => { readonly clientId: string; readonly attemptId: AttemptId } | undefined;
  readonly send: (clientId: string, message: HeadToClientMessage) => void;
  /** Keeps objects for a client, until it says otherwise. */
  readonly hold: (clientId: string, objects: readonly ObjectSize[]) => void;
}

/** Passes items on to whoever submitted the task; those of an attempt that is not live go nowhere. */
export function passItems(
  { liveAttempt, send, hold }: ItemRoutes,
  { taskId, attemptId }: AttemptName,
  { first, items }: Extract<ClientMessage, { readonly type: "SendItems" }>,
): void {
  const live = liveAttempt(taskId);
  if (live?.attemptId !== attemptId) return;
  // Items that are objects are kept for whoever they are for, until it has taken them.
  const objects = items.flatMap((item) => item.type === "stored" ? [item] : []);
  if (objects.length > 0) hold(live.clientId, objects);
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
  send(attemptClientId(live.attemptId), { type: "ItemsGranted", received, upTo, isResend });
}
