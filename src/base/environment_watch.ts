/** Told of each environment variable that is set or deleted. */
export type EnvironmentListener = (name: string) => void;

const listeners: EnvironmentListener[] = [];

/** Has changes of the environment noted as they are made, since reading all variables to find them costs more than most
 * tasks do. What Node's `process.env` sets comes by here, too; what native code or another thread sets does not.
 * @returns false when this runtime does not let its environment be watched */
export function watchEnvironment(listener: EnvironmentListener): boolean {
  if (listeners.length === 0 && !wrapEnvironment()) return false;
  listeners.push(listener);
  return true;
}

function wrapEnvironment(): boolean {
  const { env } = Deno;
  const { set, delete: remove } = env;
  const tell = (name: string) => {
    for (const listener of listeners) listener(name);
  };
  try {
    env.set = (name, value) => {
      set.call(env, name, value);
      tell(name);
    };
    env.delete = (name) => {
      remove.call(env, name);
      tell(name);
    };
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
  return true;
}
