import type { ClusterClient, ObjectRef } from "../../cluster/client/types.ts";
import { UserError } from "../base/errors.ts";
import type { SharedValue } from "./shared_value.ts";

/** What a flow run needs of a cluster's client. */
export type TaskCluster = Pick<ClusterClient, "submit" | "put" | "status">;

/** A flow run's way to its cluster: started by the first task that needs it, and never when everything is cached. */
export class ClusterLink {
  readonly #start: (() => Promise<TaskCluster>) | undefined;
  #client: Promise<TaskCluster> | undefined;
  readonly #stored = new Map<string, Promise<ObjectRef>>();

  /** @param start connects to a cluster; whoever gave it closes the client that it returned */
  constructor(start: (() => Promise<TaskCluster>) | undefined) {
    this.#start = start;
  }

  /** The connection, made at the first call.
   * @throws {UserError} when the run was given no cluster */
  client(taskName: string): Promise<TaskCluster> {
    if (this.#start === undefined) {
      throw new UserError(
        "flow/no-cluster",
        `Cannot run task ${taskName}: it needs a cluster, the run was given none`,
        {
          hint: "Give the run a `cluster`.",
        },
      );
    }
    this.#client ??= this.#start();
    return this.#client;
  }

  /** Puts a shared value into the object store, once. */
  put(client: TaskCluster, shared: SharedValue<unknown>): Promise<ObjectRef> {
    let stored = this.#stored.get(shared.hash);
    if (stored === undefined) {
      stored = client.put(shared.value);
      // A failed put may be tried again by the next attempt.
      stored.catch(() => this.#stored.delete(shared.hash));
      this.#stored.set(shared.hash, stored);
    }
    return stored;
  }
}
