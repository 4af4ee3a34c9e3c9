import { errorMessage } from "../../../src/base/errors.ts";
import type { NoticeSubject } from "../notice.ts";
import type { DeploymentSource } from "./deployment_source.ts";
import { RequestError } from "./request_error.ts";
import type { DeploymentRow } from "./schemas/deployments.ts";

/** What actions on deployments need. */
export interface DeploymentActionParts {
  readonly deployments: DeploymentSource | undefined;
  readonly notice: (text: string, subject: NoticeSubject) => void;
}

/** Pauses the schedule of a deployment, or lets it go on.
 * @throws {RequestError} 404 for none of this name, 409 where there is nothing to change */
export async function holdDeployment(
  parts: DeploymentActionParts,
  name: string,
  isPaused: boolean,
): Promise<void> {
  const { source, row } = await findDeployment(parts, name);
  const wanted = isPaused ? "on" : "paused";
  if (row.state !== wanted) {
    const verb = isPaused ? "pause" : "resume";
    throw new RequestError(409, `Cannot ${verb} the schedule of ${name}: it is ${row.state}`);
  }
  await source.hold(name, isPaused);
  const text = `The schedule of ${name} ${isPaused ? "is paused" : "goes on"}`;
  parts.notice(text, { level: "info", event: "deployment_controlled" });
}

/** Starts a run of a deployment now.
 * @throws {RequestError} 404 for none of this name, 409 when it cannot be started */
export async function runDeployment(parts: DeploymentActionParts, name: string): Promise<void> {
  const { source } = await findDeployment(parts, name);
  let runId: string;
  try {
    runId = await source.run(name);
  } catch (error) {
    throw new RequestError(409, errorMessage(error));
  }
  const text = `Run ${runId} of ${name} was asked for`;
  parts.notice(text, { level: "info", event: "deployment_controlled" });
}

async function findDeployment(
  { deployments }: DeploymentActionParts,
  name: string,
): Promise<{ readonly source: DeploymentSource; readonly row: DeploymentRow }> {
  const row = (await deployments?.list())?.find((deployment) => deployment.name === name);
  if (deployments === undefined || row === undefined) {
    throw new RequestError(404, `No deployment ${name} is known here`);
  }
  return { source: deployments, row };
}
