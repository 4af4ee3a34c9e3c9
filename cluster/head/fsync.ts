/** When the journal is forced onto the disk. Whatever is chosen, a head that is killed loses nothing that it said; what
 * differs is what a machine that loses its power may lose:
 * `always`: nothing (SQLite `synchronous = FULL`: every batch waits for the disk) · `batch`: the batches since the last
 * checkpoint that the system had not written by itself, as a whole and from the newest on (`NORMAL`) · `off`: the same,
 * and the file may be damaged (`OFF`). */
export type Fsync = "always" | "batch" | "off";

/** Every {@linkcode Fsync}, the default first. */
export const FSYNC_MODES: readonly Fsync[] = ["batch", "always", "off"];

/** SQLite's word for it. */
export function synchronousOf(fsync: Fsync): "FULL" | "NORMAL" | "OFF" {
  return ({ always: "FULL", batch: "NORMAL", off: "OFF" } as const)[fsync];
}
