import { join } from "@std/path";
import { isUrl } from "../base/is_url.ts";
import { type Lakehouse, lakehouseOver, openLakehouse } from "./lakehouse.ts";
import { CachedStore } from "./store/cached_store.ts";
import { DiskCache } from "./store/disk_cache.ts";
import { connectS3, parseS3Url } from "./store/s3_location.ts";

const GIB = 2 ** 30;

/** How a lakehouse in S3 is read. */
export interface PlaceOptions {
  /** Where its files are cached; default: `tradewind/lakehouse` in the user's folder for caches. */
  readonly cacheDir?: string;
  /** What the cache may take on the disk; default: 10 GiB. */
  readonly cacheLimitBytes?: number;
  /** Reads nothing but the cache. */
  readonly isOffline?: boolean;
}

/** Uses the lakehouse of a folder, or of `s3://BUCKET/PREFIX` behind a cache on this machine.
 * @throws {UserError} for a URL that is none of S3 */
export async function withLakehouse<T>(
  place: string,
  use: (lake: Lakehouse) => Promise<T>,
  { cacheDir = defaultCacheDir(), cacheLimitBytes = 10 * GIB, isOffline }: PlaceOptions = {},
): Promise<T> {
  if (!isUrl(place)) return await use(openLakehouse(place));
  const location = parseS3Url(place);
  const { S3Store } = await import("./store/s3_store.ts");
  const client = await connectS3();
  try {
    const cache = new DiskCache(cacheDir, cacheLimitBytes);
    const remote = new S3Store(client, location);
    return await use(lakehouseOver(new CachedStore(remote, cache, { isOffline })));
  } finally {
    client.destroy();
  }
}

function defaultCacheDir(): string {
  const caches = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? ".", ".cache");
  return join(caches, "tradewind", "lakehouse");
}
