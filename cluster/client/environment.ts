import { setImmediate } from "node:timers";

const PREFIX = "TV_";

let isRead = false;
let last: Readonly<Record<string, string>> = {};

/** The TV_* variables, which travel with every task; read once in a turn of the event loop, as reading them costs as much
 * as a whole submission. As long as they do not change it is the same object, which must not be changed. */
export function submittedEnvironment(): Readonly<Record<string, string>> {
  if (isRead) return last;
  isRead = true;
  setImmediate(() => isRead = false);
  const all = Deno.env.toObject();
  // A loop, since a list of entries would be made for the sake of a few among many.
  const now: Record<string, string> = {};
  let isChanged = false;
  for (const name in all) {
    if (!name.startsWith(PREFIX)) continue;
    now[name] = all[name];
    isChanged ||= last[name] !== all[name];
  }
  for (const name in last) isChanged ||= now[name] === undefined;
  if (isChanged) last = now;
  return last;
}
