import type { AttemptName, ClientMessage, HeadToClientMessage } from "../protocol/messages.ts";
import { attemptClientId } from "../scheduler/mod.ts";
import type { AttemptId, SchedulerEvent } from "../scheduler/types.ts";

/** Between which clients the items of streams travel. They pass the head and are not kept: the attempt has them until
 * they have arrived, and what is lost on the way is asked for again. */
export interface ItemRoutes {
  /** Who submitted a task, and its live attempt; undefined while there is none. */
  readonly liveAttempt: (
    taskId: string,
  ) => { readonly clientId: string; readonly attemptId: AttemptId } | undefined;
  readonly send: (clientId: string, message: HeadToClientMessage) => void;
  readonly post: (event: SchedulerEvent) => void;
}

/** Passes items on to whoever submitted the task; those of an attempt that is not live go nowhere. */
export function passItems(
  { liveAttempt, send, post }: ItemRoutes,
  { taskId, attemptId }: AttemptName,
  { first, items }: Extract<ClientMessage, { readonly type: "SendItems" }>,
): void {
  const live = liveAttempt(taskId);
  if (live?.attemptId !== attemptId) return;
  const objects = items.flatMap((item, i) => {
    if (item.type === "inline") return [];
    const { objectId, sizeBytes } = item;
    return [{ index: first + i, objectId, sizeBytes }];
  });
  if (objects.length > 0) post({ type: "ItemsSent", taskId, attemptId, objects });
  send(live.clientId, { type: "ItemsSent", taskId, attemptId, first, items });
}

/** Passes a grant on to the live attempt of a task that this client submitted. What has arrived is noted first: so a
 * task whose attempt ends is not begun anew where it may not be. */
export function passGrant(
  { liveAttempt, send, post }: ItemRoutes,
  clientId: string,
  { taskId, received, upTo, isResend }: Extract<ClientMessage, { readonly type: "GrantItems" }>,
): void {
  post({ type: "ItemsReceived", taskId, clientId, received });
  const live = liveAttempt(taskId);
  if (live?.clientId !== clientId) return;
  send(attemptClientId(live.attemptId), { type: "ItemsGranted", received, upTo, isResend });
}
