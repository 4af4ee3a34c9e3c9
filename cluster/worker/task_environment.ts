import { watchEnvironment } from "../../src/base/environment_watch.ts";

/** The environment variables of the process as they were before its first task. */
let original: Readonly<Record<string, string>> | undefined;
/** Variables that were set or deleted since, by us or by the code of a task. */
const changed = new Set<string>();

/** Gives a task the variables that it was submitted with. */
export function enterEnvironment(env: Readonly<Record<string, string>>): void {
  original ??= keepOriginal();
  for (const name in env) Deno.env.set(name, env[name]);
}

/** Puts the environment back as it was before, whatever the task has set or deleted: the next one in this process must
 * not see it. */
export function restoreEnvironment(): void {
  if (changed.size === 0) return;
  for (const name of changed) {
    const value = original?.[name];
    if (value === undefined) Deno.env.delete(name);
    else Deno.env.set(name, value);
  }
  changed.clear();
}

function keepOriginal(): Readonly<Record<string, string>> {
  watchEnvironment((name) => changed.add(name));
  return Deno.env.toObject();
}
