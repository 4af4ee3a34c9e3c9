import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../base/errors.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { BatchWriter } from "./batch_writer.ts";
import type { ChangeWatch } from "./change_watch.ts";

/** A flow with its arguments, under a name: what can be run by the name, and by a schedule. */
export interface Deployment {
  /** Unique in its store. */
  readonly name: string;
  /** URL of the module that exports the flow. */
  readonly module: string;
  /** Under which it does. */
  readonly exportName: string;
  readonly flowName: string;
  /** As a JSON array. */
  readonly arguments: string;
  /** Null: it runs when somebody asks for it. */
  readonly schedule: Schedule | null;
  /** Whether its schedule is off for now. */
  readonly isPaused: boolean;
  /** What was due up to then is settled, in milliseconds since the Unix epoch. */
  readonly plannedUntilMs: number;
}

interface DeploymentRow {
  readonly name: string;
  readonly module: string;
  readonly export_name: string;
  readonly flow_name: string;
  readonly arguments: string;
  readonly schedule: string | null;
  readonly is_paused: number;
  readonly planned_until_ms: number;
}

/** The deployments of a store. */
export class Deployments {
  readonly #database: DatabaseSync;
  readonly #writer: BatchWriter;
  readonly #watch: ChangeWatch;

  /** All of one store. */
  constructor(database: DatabaseSync, writer: BatchWriter, watch: ChangeWatch) {
    this.#database = database;
    this.#writer = writer;
    this.#watch = watch;
  }

  /** Makes a deployment, or takes the place of the one of its name. */
  put(deployment: Deployment): void {
    const { schedule } = deployment;
    this.#writer.transact(() =>
      this.#database.prepare("INSERT OR REPLACE INTO deployments VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .run(
          deployment.name,
          deployment.module,
          deployment.exportName,
          deployment.flowName,
          deployment.arguments,
          schedule === null ? null : JSON.stringify(schedule),
          deployment.isPaused ? 1 : 0,
          deployment.plannedUntilMs,
        )
    );
    this.#watch.wake();
  }

  /** Takes the deployment of this name away, if there is one. */
  remove(name: string): void {
    this.#writer.transact(() =>
      this.#database.prepare("DELETE FROM deployments WHERE name = ?").run(name)
    );
  }

  /** The deployment of this name. */
  find(name: string): Deployment | undefined {
    return this.list().find((deployment) => deployment.name === name);
  }

  /** The deployment of this name.
   * @throws {UserError} when there is none */
  require(name: string): Deployment {
    const found = this.find(name);
    if (found !== undefined) return found;
    const names = this.list().map((deployment) => deployment.name);
    throw new UserError("flow/no-deployment", `Cannot find the deployment ${name}`, {
      hint: names.length === 0
        ? "There is none yet: see flow deploy."
        : `There are: ${names.join(", ")}.`,
    });
  }

  /** All of them by name. */
  list(): Deployment[] {
    return readDeployments(this.#database);
  }
}

/** All deployments of a store by name. */
export function readDeployments(database: DatabaseSync): Deployment[] {
  const rows = database.prepare("SELECT * FROM deployments ORDER BY name")
    .all() as unknown as DeploymentRow[];
  return rows.map((row) => ({
    name: row.name,
    module: row.module,
    exportName: row.export_name,
    flowName: row.flow_name,
    arguments: row.arguments,
    schedule: row.schedule === null ? null : JSON.parse(row.schedule),
    isPaused: row.is_paused === 1,
    plannedUntilMs: row.planned_until_ms,
  }));
}
