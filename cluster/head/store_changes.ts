import { removeIfThere } from "../../src/base/if_there.ts";
import type { DatabaseSync } from "node:sqlite";
import type { StreamedStore } from "./state_stream.ts";

/** What is written into a database, from the first snapshot on, as SQLite's session extension records it. */
export class StoreChanges implements StreamedStore {
  readonly #database: DatabaseSync;
  readonly #path: string;
  #session: ReturnType<DatabaseSync["createSession"]> | undefined;

  /** @param path of the database's file; a copy is made beside it, for a moment */
  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  snapshot(): Uint8Array {
    const copy = `${this.#path}.snapshot`;
    // One that a full disk left unfinished.
    removeIfThere(copy);
    try {
      this.#database.prepare("VACUUM INTO ?").run(copy);
      this.#begin();
      return Deno.readFileSync(copy);
    } finally {
      removeIfThere(copy);
    }
  }

  changes(): Uint8Array {
    const changes = this.#session?.changeset() ?? new Uint8Array();
    if (changes.byteLength > 0) this.#begin();
    return changes;
  }

  #begin(): void {
    this.#session?.close();
    this.#session = this.#database.createSession();
  }
}
