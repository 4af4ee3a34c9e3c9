import { FlowCancelledError } from "./flow_errors.ts";
import type { FlowRun } from "./flow_run.ts";

/** Does what others ask of a run while it is executed.
 * @returns stops it */
export function listenForRequests(flowRun: FlowRun): () => void {
  return flowRun.store.control.listen(flowRun.runId, ({ type, reason }) => {
    switch (type) {
      case "cancel": {
        const message = `Run ${flowRun.runId} was cancelled${reason === "" ? "" : `: ${reason}`}`;
        return void flowRun.cancel(new FlowCancelledError(message));
      }
      case "pause":
        return void flowRun.pauses.hold("request", reason);
      case "resume":
        return void flowRun.pauses.letGo("request");
    }
  });
}
