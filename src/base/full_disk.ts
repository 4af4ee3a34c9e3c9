/** SQLite's number for a disk that is full. */
const SQLITE_FULL = 13;

/** Whether an error of a write, to a file or to SQLite, says that the disk is full: what frees space mends it. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { readonly code?: string; readonly errcode?: number };
  return code === "ENOSPC" || code === "EDQUOT" || errcode === SQLITE_FULL;
}

/** Writes what may be lost, such as a line of a log.
 * @returns false when the disk is full; what was written until then may be there
 * @throws whatever else goes wrong */
export function writeUnlessFull(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    return false;
  }
}
