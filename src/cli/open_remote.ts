import { LocalStore } from "../lakehouse/store/local_store.ts";
import type { ObjectStore } from "../lakehouse/store/object_store.ts";
import { connectS3, parseS3Url } from "../lakehouse/store/s3_location.ts";

/** A place for objects, until it is closed. */
export interface OpenRemote extends AsyncDisposable {
  /** What it holds. */
  readonly store: ObjectStore;
}

/** Opens a place for objects.
 * @param remote `s3://BUCKET/PREFIX`, or a folder
 * @throws {UserError} for an address that is none, and where no credentials are known */
export async function openRemote(remote: string): Promise<OpenRemote> {
  if (!remote.startsWith("s3://")) {
    return { store: new LocalStore(remote), [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const location = parseS3Url(remote);
  const { S3Store } = await import("../lakehouse/store/s3_store.ts");
  const client = await connectS3();
  return {
    store: new S3Store(client, location),
    [Symbol.asyncDispose]: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}
