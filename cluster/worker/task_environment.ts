/** The environment variables of the process as they were before its first task. */
let original: Readonly<Record<string, string>> | undefined;
/** Variables that were set or deleted since, by us or by the code of a task. */
const changed = new Set<string>();

/** Gives a task the variables that it was submitted with. */
export function enterEnvironment(env: Readonly<Record<string, string>>): void {
  original ??= watchEnvironment();
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

/** Has changes noted as they are made: comparing all variables after each task would cost more than most tasks do. What
 * Node's `process.env` sets comes by here, too. */
function watchEnvironment(): Readonly<Record<string, string>> {
  const { env } = Deno;
  const { set, delete: remove } = env;
  env.set = (name, value) => {
    changed.add(name);
    set.call(env, name, value);
  };
  env.delete = (name) => {
    changed.add(name);
    remove.call(env, name);
  };
  return env.toObject();
}
