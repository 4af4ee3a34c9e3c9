/** What a provider decides about the nodes on its machines. */
export interface NodeLayout {
  /** The folder of a node on its machine, absolute. */
  readonly dir: string;
  /** What a machine runs when its warden begins, for instance to call off a shutdown; empty: nothing. */
  readonly onBegin: readonly string[];
  /** What a machine runs to end itself, when its lease or its time is over. */
  readonly onEnd: readonly string[];
  /** Where the machine's metadata tell that it is taken back; null: nowhere. */
  readonly metadataUrl: string | null;
}
