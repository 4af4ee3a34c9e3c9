import { runArtifacts } from "../../flow/mod.ts";
import type { ArtifactReport } from "../../report/mod.ts";

/** What the calling run and its tasks have left to look at, in the order of the tasks. */
export function artifactsSoFar(): ArtifactReport[] {
  return runArtifacts().map(({ taskName, content }) => ({ task: taskName, ...content }));
}
