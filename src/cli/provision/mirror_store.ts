import { LocalStore } from "../../lakehouse/store/local_store.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import { connectS3, parseS3Url } from "../../lakehouse/store/s3_location.ts";
import { S3Store } from "../../lakehouse/store/s3_store.ts";

/** A store that is open. */
export interface OpenStore extends Disposable {
  readonly store: ObjectStore;
}

/** Opens the store of a cluster's mirror.
 * @param url `s3://BUCKET/PREFIX`, or an absolute path; the cluster's part of it bears its name
 * @throws {UserError} for anything else */
export async function openMirrorStore(url: string, cluster: string): Promise<OpenStore> {
  const at = `${url.replace(/\/+$/, "")}/${cluster}`;
  if (url.startsWith("/")) return { store: new LocalStore(at), [Symbol.dispose]() {} };
  const location = parseS3Url(at);
  const client = await connectS3();
  return { store: new S3Store(client, location), [Symbol.dispose]: () => client.destroy() };
}
