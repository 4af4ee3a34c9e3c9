import { CodedError } from "../base/errors.ts";
import { ApprovalRejectedError, AttemptTimedOutError } from "./flow_errors.ts";
import { CancelScope } from "./cancel_scope.ts";
import { currentContext, type RunContext } from "./run_context.ts";
import type { ApprovalRecord } from "./store/run_records.ts";

/** What a run asks, and how long it waits. */
export interface ApprovalOptions {
  /** For whoever decides. */
  readonly prompt?: string;
  /** After it the question counts as rejected; default: the run waits as long as it takes. */
  readonly timeoutMs?: number;
}

/** Waits until somebody approves: by `deno task flow -- approve`. The run is
 * Paused meanwhile. What was decided is stored: the question is not asked again when the run is resumed, and may be
 * answered while no process executes it.
 * @param name of the question, unique in its run
 * @returns the note of whoever approved
 * @throws {ApprovalRejectedError} when it was rejected
 * @throws {AttemptTimedOutError} when nobody has decided in time
 * @throws {Error} outside of a flow run */
export async function approval(name: string, options: ApprovalOptions = {}): Promise<string> {
  const context = currentContext();
  if (context === undefined) {
    throw new CodedError(
      "flow/out-of-place",
      `Cannot ask for the approval ${name}: there is no flow run to be paused`,
    );
  }
  const ask = () => {
    const { store, runId, clock } = context.flowRun;
    return store.control.ask(runId, name, options.prompt ?? name, clock.nowMs());
  };
  const answer = ask();
  return noteOf(
    answer.decision !== null ? answer : await waitForAnswer(name, ask, context, options),
  );
}

async function waitForAnswer(
  name: string,
  ask: () => ApprovalRecord,
  { flowRun, scope }: RunContext,
  { prompt, timeoutMs }: ApprovalOptions,
): Promise<ApprovalRecord> {
  const inner = new CancelScope(scope);
  const answered = Promise.withResolvers<ApprovalRecord>();
  const stopWatching = flowRun.store.onChange(() => {
    const answer = ask();
    if (answer.decision !== null) answered.resolve(answer);
  });
  const stopTimer = timeoutMs === undefined ? () => {} : flowRun.clock.after(timeoutMs, () => {
    inner.cancel(new AttemptTimedOutError(`Nobody has decided on ${name} within ${timeoutMs} ms`));
  });
  const key = `approval ${name}`;
  try {
    await flowRun.pauses.hold(key, `waits for the approval ${name}: ${prompt ?? name}`);
    return await inner.race(answered.promise);
  } finally {
    stopWatching();
    stopTimer();
    inner.close();
    await flowRun.pauses.letGo(key);
  }
}

function noteOf({ name, decision, note }: ApprovalRecord): string {
  if (decision === "approved") return note;
  throw new ApprovalRejectedError(`${name} was rejected${note === "" ? "" : `: ${note}`}`);
}
