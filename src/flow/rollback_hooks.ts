/** Undoes what a task did.
 * @param result what it returned */
export type RollbackHook = (result: never) => void | Promise<void>;

const hooks = new Map<string, RollbackHook>();

/** Remembers the hook of a task, so that a process which goes on after a crash finds it. */
export function registerRollback(module: string, taskName: string, hook: RollbackHook): void {
  hooks.set(keyOf(module, taskName), hook);
}

/** The hook of a task that this process has defined. */
export function findRollback(module: string, taskName: string): RollbackHook | undefined {
  return hooks.get(keyOf(module, taskName));
}

function keyOf(module: string, taskName: string): string {
  return `${module}\n${taskName}`;
}
