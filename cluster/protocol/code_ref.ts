/** Which version of which project's code the module of a task belongs to. */
export interface CodeRef {
  /** SHA-256 of its archive: the object that holds it. */
  readonly hash: string;
  /** The project's folder on the submitting machine. */
  readonly root: string;
  /** Where Tradewind lies on the submitting machine when it is no part of the project: its folder's URL, with `/` at the
   * end. A node takes its own for it. */
  readonly tradewind: string | undefined;
  /** The object that holds the packages of the project, for nodes without a network; undefined: each node installs them
   * by the project's lock. */
  readonly dependencies: string | undefined;
}

/** Tells apart what executors have to be kept apart for: code, and the packages that it finds. */
export function codeKey({ hash, dependencies }: CodeRef): string {
  return dependencies === undefined ? hash : `${hash}+${dependencies}`;
}
