import type { DatabaseSync } from "node:sqlite";
import { OPEN_STATES, type RunState } from "../states.ts";
import type { BatchWriter } from "../store/batch_writer.ts";

/** Who is told: an address that is sent a signed request, or a command that gets the event on its standard input. */
export type NotificationTarget =
  | { readonly type: "webhook"; readonly url: string; readonly secret: string }
  | { readonly type: "command"; readonly command: readonly string[] };

/** Who is told when a flow run comes into one of some states. */
export interface Notification {
  /** Unique in its store. */
  readonly name: string;
  readonly target: NotificationTarget;
  readonly states: readonly RunState[];
}

/** An event on its way to somebody. */
export interface Delivery {
  /** Unique in its store; the same in every attempt. */
  readonly id: number;
  readonly notification: string;
  readonly target: NotificationTarget;
  /** JSON. */
  readonly body: string;
  /** How often it was tried in vain. */
  readonly attempts: number;
}

/** Ends, without Cached, which no flow run is in. */
export const DEFAULT_NOTIFIED_STATES: readonly RunState[] = [
  "Completed",
  "Failed",
  "Crashed",
  "TimedOut",
  "Cancelled",
  "Paused",
];

/** Every state that a flow run can be in. */
export const FLOW_STATES: readonly RunState[] = [
  ...OPEN_STATES,
  "Completed",
  "Failed",
  "Crashed",
  "TimedOut",
  "Cancelled",
];

/** Who is told of what, and what is on its way. An event is stored in the transaction of its change of state, so none is
 * lost; it leaves the store when it has arrived or was tried often enough, so one may arrive twice. */
export class Notifications {
  readonly #database: DatabaseSync;
  readonly #writer: BatchWriter;

  /** All of one store. */
  constructor(database: DatabaseSync, writer: BatchWriter) {
    this.#database = database;
    this.#writer = writer;
  }

  /** Makes a notification, or takes the place of the one of its name. */
  put({ name, target, states }: Notification): void {
    this.#writer.transact(() =>
      this.#database.prepare("INSERT OR REPLACE INTO notifications VALUES (?, ?, ?)")
        .run(name, JSON.stringify(target), `,${states.join()},`)
    );
  }

  /** @returns false when there is none of this name */
  remove(name: string): boolean {
    return this.#writer.transact(() => {
      this.#database.prepare("DELETE FROM deliveries WHERE notification = ?").run(name);
      const { changes } = this.#database.prepare("DELETE FROM notifications WHERE name = ?").run(
        name,
      );
      return Number(changes) > 0;
    });
  }

  /** All of them by name. */
  list(): Notification[] {
    const rows = this.#database.prepare(
      "SELECT name, target, states FROM notifications ORDER BY name",
    )
      .all() as { name: string; target: string; states: string }[];
    return rows.map(({ name, target, states }) => ({
      name,
      target: JSON.parse(target),
      states: states.slice(1, -1).split(",") as RunState[],
    }));
  }

  /** What is to be delivered by now, the oldest first. */
  due(nowMs: number): Delivery[] {
    const rows = this.#database.prepare(
      "SELECT id, notification, target, body, attempts FROM deliveries d JOIN notifications n " +
        "ON n.name = d.notification WHERE next_at_ms <= ? ORDER BY id",
    ).all(nowMs) as unknown as (Omit<Delivery, "target"> & { target: string })[];
    return rows.map((row) => ({ ...row, target: JSON.parse(row.target) }));
  }

  /** It has arrived, or nobody tries any more. */
  forget({ id }: Delivery): void {
    this.#writer.transact(() =>
      this.#database.prepare("DELETE FROM deliveries WHERE id = ?").run(id)
    );
  }

  /** It has not arrived, and is tried again later. */
  postpone({ id }: Delivery, nextAtMs: number): void {
    this.#writer.transact(() =>
      this.#database.prepare(
        "UPDATE deliveries SET attempts = attempts + 1, next_at_ms = ? WHERE id = ?",
      ).run(nextAtMs, id)
    );
  }
}
