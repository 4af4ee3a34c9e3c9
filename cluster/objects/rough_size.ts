/** Values that lie deeper are not counted: they have no encoding, as those have not that lie in themselves. */
const MAX_DEPTH = 250;

/** About how many bytes a value takes; the count stops once it is over the limit, so a small one costs little and a large
 * one no more than the limit. */
export function roughBytes(value: unknown, limit: number, depth = 0): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let bytes = 1;
  if (Array.isArray(value)) {
    for (const item of value) {
      bytes += 1 + roughBytes(item, limit - bytes, depth + 1);
      if (bytes > limit) return bytes;
    }
    return bytes;
  }
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    bytes += key.length + roughBytes(item, limit - bytes, depth + 1);
    if (bytes > limit) return bytes;
  }
  return bytes;
}
