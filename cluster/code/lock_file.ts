import { errorMessage } from "../../src/base/errors.ts";

const VERSION = "5";
/** The parts of a lock file that name what is locked. */
const TABLES = ["specifiers", "npm", "jsr", "redirects", "remote"] as const;

/** A lock file as Deno 2 writes it. */
export interface LockFile {
  readonly version: string;
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, unknown>>;
  readonly jsr?: Readonly<Record<string, unknown>>;
  readonly redirects?: Readonly<Record<string, string>>;
  readonly remote?: Readonly<Record<string, string>>;
  readonly workspace?: unknown;
}

/** Reads a lock file.
 * @throws {Error} for what is none, or one of another version */
export function parseLock(text: string): LockFile {
  let lock: Partial<LockFile> | null;
  try {
    lock = JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot read the deno.lock: ${errorMessage(error)}`, { cause: error });
  }
  if (lock?.version !== VERSION) {
    throw new Error(
      `Cannot read the deno.lock: it has version ${lock?.version}, this Deno writes ${VERSION}. ` +
        "Run `deno install` in the project with the Deno of the nodes",
    );
  }
  return lock as LockFile;
}

/** PURE: one lock for a process that loads a project and Tradewind: all that both name; of what both do, as the project
 * says. */
export function mergeLocks(project: LockFile | undefined, tradewind: LockFile): LockFile {
  const tables = TABLES.map((table) => [table, { ...tradewind[table], ...project?.[table] }]);
  const filled = tables.filter(([, entries]) => Object.keys(entries as object).length > 0);
  const workspace = project?.workspace;
  return {
    version: VERSION,
    ...Object.fromEntries(filled),
    ...(workspace === undefined ? {} : { workspace }),
  };
}
