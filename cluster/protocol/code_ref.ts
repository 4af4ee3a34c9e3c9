/** Which version of which project's code the module of a task belongs to. */
export interface CodeRef {
  /** SHA-256 of its archive: the object that holds it. */
  readonly hash: string;
  /** How large that is. */
  readonly sizeBytes: number;
  /** The project's folder on the submitting machine. */
  readonly root: string;
  /** Where Tradewind lies on the submitting machine when it is no part of the project: its folder's URL, with `/` at the
   * end. A node takes its own for it. */
  readonly tradewind: string | undefined;
}
