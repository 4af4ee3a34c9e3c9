/** A file of the cache. */
export interface CachedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was used last, milliseconds since the epoch. */
  readonly usedMs: number;
}

/** After an eviction so much of the limit is free, so that not every further file makes another one. */
const FREED_FRACTION = 0.1;

/** The files that have to go for a cache to keep to its limit: those that were used longest ago.
 * @returns none while the files together are within the limit */
export function planEviction(files: readonly CachedFile[], limitBytes: number): CachedFile[] {
  let totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (totalBytes <= limitBytes) return [];
  const goalBytes = limitBytes * (1 - FREED_FRACTION);
  const evicted: CachedFile[] = [];
  for (const file of [...files].sort((a, b) => a.usedMs - b.usedMs || (a.path < b.path ? -1 : 1))) {
    if (totalBytes <= goalBytes) break;
    evicted.push(file);
    totalBytes -= file.sizeBytes;
  }
  return evicted;
}
