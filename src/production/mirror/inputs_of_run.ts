import { errorMessage, UserError } from "../../base/errors.ts";
import { describePrices, type PriceSource } from "../../lakehouse/prices/price_source.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import { discoverCandidates } from "../discovery.ts";
import { readPinned } from "../pinned_lakehouse.ts";
import type { OutputFolders, RunFolder } from "../run_folder.ts";
import type { RunSummary } from "../run_production.ts";

/** What an earlier run rests on, as it is found now. */
export interface FoundInputs {
  readonly config: ProductionConfig;
  readonly source: PriceSource;
  /** The symbols that it looked at. */
  readonly candidates: readonly string[];
}

/** Finds what an earlier run rests on, to be sent after it.
 * @param onMissing told why it cannot be had any more: a file was changed or removed, a version of the lakehouse collected
 * @returns undefined then */
export async function inputsOfRun(
  folders: OutputFolders,
  run: RunFolder,
  onMissing: (reason: string) => void,
): Promise<FoundInputs | undefined> {
  try {
    const config: ProductionConfig = JSON.parse(await Deno.readTextFile(run.config));
    const { prices }: RunSummary = JSON.parse(await Deno.readTextFile(run.summary));
    const source = await describePrices(folders.lakehouse, config.prices, () => {}, {
      interval: config.data.interval,
      pinned: await readPinned(run, config.prices),
    });
    if (source.sha256 !== prices.sha256) {
      throw new UserError("run/changed-input", `${config.prices} was changed since the run`);
    }
    return { config, source, candidates: discoverCandidates(config.discovery, source) };
  } catch (error) {
    const isGone = error instanceof UserError || error instanceof Deno.errors.NotFound;
    if (!isGone) throw error;
    onMissing(errorMessage(error));
    return undefined;
  }
}
