import { errorCodeOf, errorMessage, UserError } from "../../base/errors.ts";
import { FlowCancelledError } from "../../flow/mod.ts";
import { manifestHash } from "../../manifest/load_manifest.ts";
import { metaHash } from "../../manifest/load_meta.ts";
import type { MetaContext } from "./meta_context.ts";
import type { PlannedSleeve } from "./plan_meta.ts";
import { readSleeve, type SleeveOutcome } from "./read_sleeve.ts";

/** A sleeve that a meta-portfolio goes on without. */
export interface FailedSleeve {
  readonly sleeve: PlannedSleeve;
  readonly reason: string;
}

/** What became of the sleeves. */
export interface SleeveResults {
  /** In the manifest's order. */
  readonly outcomes: readonly SleeveOutcome[];
  readonly failed: readonly FailedSleeve[];
}

/** Runs all sleeves at the same time and reads what came of them. Whatever becomes of one, the others run to their end:
 * what they computed is kept for a resume.
 * @param execute runs what a sleeve is taken from, or finds it completed
 * @throws {Error} naming every sleeve that failed with its cause, where the manifest wants all of them or none is left
 * @throws {FlowCancelledError} when the run was cancelled */
export async function runSleeves(
  context: MetaContext,
  sleeves: readonly PlannedSleeve[],
  execute: (sleeve: PlannedSleeve) => Promise<void>,
): Promise<SleeveResults> {
  const settled = await Promise.allSettled(
    sleeves.map((sleeve) => recordSleeve(context, sleeve, execute)),
  );
  const errors = settled.map((one) => one.status === "rejected" ? one.reason : undefined);
  const cancelled = errors.find((error) => error instanceof FlowCancelledError);
  if (cancelled !== undefined) throw cancelled;
  const failed = sleeves.flatMap((sleeve, i) =>
    settled[i].status === "rejected" ? [{ sleeve, reason: errorMessage(errors[i]) }] : []
  );
  const outcomes = settled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const isEnough = context.config.meta.on_failure === "continue" && outcomes.length > 0;
  if (failed.length > 0 && !isEnough) {
    throw failure(sleeves.length, failed, errors.find((error) => error !== undefined));
  }
  for (const { sleeve, reason } of failed) {
    context.onEvent({
      type: "Notice",
      message: `Going on without sleeve ${sleeve.path}, which failed: ${reason}`,
    });
  }
  return { outcomes, failed };
}

/** The run that a sleeve is taken from. */
export function runIdOf(sleeve: PlannedSleeve): string {
  return sleeve.type === "profile" ? sleeve.run.runId : sleeve.nested.runId;
}

async function recordSleeve(
  { trail, folders }: MetaContext,
  sleeve: PlannedSleeve,
  execute: (sleeve: PlannedSleeve) => Promise<void>,
): Promise<SleeveOutcome> {
  const { id, path, candidate: choice } = sleeve;
  const runId = runIdOf(sleeve);
  const isMeta = sleeve.type === "meta";
  return await trail.record({
    step: "sleeve",
    context: { sleeve: id, run_id: runId, ...choice },
    inputs: { manifest: isMeta ? metaHash(sleeve.nested.config) : manifestHash(sleeve.run.config) },
    run: async () => {
      await execute(sleeve);
      return await readSleeve(folders, { id, path, runId, choice, isMeta });
    },
    outputs: ({ ledgerHash, candidate, returnsSha256, weightsSha256 }) => ({
      ledger: ledgerHash,
      candidate,
      returns: returnsSha256,
      weights: weightsSha256,
    }),
  });
}

/** A user's mistake stays one, for the exit code and the hint. */
function failure(sleeves: number, failed: readonly FailedSleeve[], cause: unknown): Error {
  const reasons = failed.map(({ sleeve, reason }) => `sleeve ${sleeve.path}: ${reason}`).join("; ");
  const message = `${failed.length} of ${sleeves} sleeves failed: ${reasons}`;
  return cause instanceof UserError
    ? new UserError(errorCodeOf(cause), message, { hint: cause.hint, cause })
    : new Error(message, { cause });
}
