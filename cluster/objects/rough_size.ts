/** About how many bytes a value takes; the count stops once it is over the limit, so a small one costs little and a large
 * one no more than the limit. */
export function roughBytes(value: unknown, limit: number): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let bytes = 1;
  if (Array.isArray(value)) {
    for (const item of value) {
      bytes += 1 + roughBytes(item, limit - bytes);
      if (bytes > limit) return bytes;
    }
    return bytes;
  }
  for (const key in value) {
    bytes += key.length + roughBytes((value as Record<string, unknown>)[key], limit - bytes);
    if (bytes > limit) return bytes;
  }
  return bytes;
}
