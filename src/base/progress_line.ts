/** How far a task is, as it says so itself. */
export interface TaskProgress {
  /** Unique in its task. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** From 0 to 1. */
  readonly fraction: number;
}

const PREFIX = "@progress ";

/** PURE: the line of output by which a task tells how far it is, while it runs. */
export function progressLine({ name, title, fraction }: TaskProgress): string {
  return `${PREFIX}${JSON.stringify({ name, title, fraction })}`;
}

/** PURE: what such a line says; undefined for every other line. */
export function readProgressLine(line: string): TaskProgress | undefined {
  if (!line.startsWith(PREFIX)) return undefined;
  let told: Partial<TaskProgress> | null;
  try {
    told = JSON.parse(line.slice(PREFIX.length));
  } catch {
    return undefined;
  }
  const { name, title, fraction } = told ?? {};
  if (typeof name !== "string" || typeof title !== "string" || typeof fraction !== "number") {
    return undefined;
  }
  return fraction >= 0 && fraction <= 1 ? { name, title, fraction } : undefined;
}
