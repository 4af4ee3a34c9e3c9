import { readTextIfThere } from "../../base/if_there.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import type { RunSummary } from "../run_production.ts";
import type { RunFolder } from "../run_folder.ts";

/** What a completed production run says of itself. */
export interface CompletedSource {
  readonly config: ProductionConfig;
  readonly resultHash: string;
  readonly ledgerHash: string;
}

/** Reads what a run that is to be a sleeve says of itself.
 * @param sleeve names it in messages
 * @throws {UserError} when there is no such run, or it is not completed */
export async function readCompletedRun(run: RunFolder, sleeve: string): Promise<CompletedSource> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new UserError(
      "meta/unfit-run",
      `Cannot take run ${run.runId} for sleeve ${sleeve}: ${reason}`,
      { cause },
    );
  };
  let summary: RunSummary;
  try {
    summary = JSON.parse(await Deno.readTextFile(run.summary));
  } catch (cause) {
    const isMissing = cause instanceof Deno.errors.NotFound;
    return refuse(isMissing ? `there is no ${run.summary}` : errorMessage(cause), cause);
  }
  const { status, parameters, result_hash: resultHash, ledger_hash: ledgerHash } = summary;
  if (status !== "completed" || resultHash === null || ledgerHash === null) {
    return refuse(`it is ${status}, not completed`);
  }
  if (parameters?.backtest === undefined) return refuse("it is no run of a profile");
  return { config: parameters, resultHash, ledgerHash };
}

/** Whether a run has been completed; false where there is none yet. */
export function isCompleted(run: RunFolder): boolean {
  const text = readTextIfThere(run.summary);
  return text !== undefined && (JSON.parse(text) as RunSummary).status === "completed";
}
