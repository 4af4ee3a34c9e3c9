/** A last place for objects when a node has room for them nowhere else, such as a bucket. Whoever implements it checks
 * nothing: the store checks the hash of what comes back. */
export interface ObjectTier {
  /** Keeps the content of a file under the object's id. */
  store(objectId: string, path: string): Promise<void>;
  /** Writes an object's bytes into a new file.
   * @returns false when it does not have the object */
  fetch(objectId: string, path: string): Promise<boolean>;
  /** Forgets an object; one that is not there is no mistake. */
  remove(objectId: string): Promise<void>;
}
