import type { DeploymentRow } from "./schemas/deployments.ts";

/** Where a dashboard finds deployments: flows that are run by their names and by schedules. Its caller hands it this. */
export interface DeploymentSource {
  /** Whether this head makes the runs of schedules itself. */
  readonly isServed: boolean;
  /** By name. */
  readonly list: () => Promise<readonly DeploymentRow[]>;
  /** Pauses a schedule, or lets it go on. */
  readonly hold: (name: string, isPaused: boolean) => Promise<void>;
  /** Starts a run now.
   * @returns its id */
  readonly run: (name: string) => Promise<string>;
}
