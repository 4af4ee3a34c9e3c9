/** An amount of bytes for people, for instance `1.5 GiB`, `80 MiB`, `3 KiB` or `17 bytes`. */
export function formatSize(bytes: number): string {
  if (bytes < 2 ** 10) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes < 2 ** 20) return `${Math.round(bytes / 2 ** 10)} KiB`;
  if (bytes >= 2 ** 30) return `${Math.round(bytes / 2 ** 30 * 10) / 10} GiB`;
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
