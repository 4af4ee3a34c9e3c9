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
  const now = Object.entries(Deno.env.toObject()).filter(([name]) => name.startsWith(PREFIX));
  const isUnchanged = now.length === Object.keys(last).length &&
    now.every(([name, value]) => last[name] === value);
  if (!isUnchanged) last = Object.fromEntries(now);
  return last;
}
