import { watchEnvironment } from "../../src/base/environment_watch.ts";

const PREFIX = "TV_";

/** What changes unnoticed, by native code or in another thread, is seen after so long. */
const MAX_AGE_MS = 100;

let last: Readonly<Record<string, string>> = {};
let isRead = false;

const isWatched = watchEnvironment((name) => {
  if (name.startsWith(PREFIX)) isRead = false;
});

/** The TV_* variables, which travel with every task. Reading them costs as much as a whole submission, so it is done when
 * one was changed. As long as they stay the same it is the same object, which must not be changed. */
export function submittedEnvironment(): Readonly<Record<string, string>> {
  if (isRead) return last;
  if (isWatched) {
    isRead = true;
    Deno.unrefTimer(setTimeout(() => isRead = false, MAX_AGE_MS));
  }
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
