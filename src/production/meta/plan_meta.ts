import { canonicalJson } from "../../base/canonical_json.ts";
import { nearestHint } from "../../base/config_problem.ts";
import { errorCodeOf, UserError } from "../../base/errors.ts";
import { parseRunId } from "../../base/ids.ts";
import { describePrices, type PriceSource } from "../../lakehouse/prices/price_source.ts";
import type { Prices } from "../../lakehouse/price_files/read_prices.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import type { MetaConfig, SleeveChoice, SleeveConfig } from "../../manifest/meta_config.ts";
import { readPinned } from "../pinned_lakehouse.ts";
import { planProduction, type ProductionPlan } from "../plan.ts";
import { type OutputFolders, RunFolder } from "../run_folder.ts";
import { ANY } from "../grid.ts";
import { readCompletedRun } from "./completed_run.ts";

/** A production run that sleeves are taken from. Sleeves whose configurations are equal share one. */
export type PlannedRun =
  | {
    readonly type: "to run";
    readonly runId: string;
    /** Of the first sleeve that is taken from it. */
    readonly path: string;
    readonly config: ProductionConfig;
    readonly source: PriceSource;
    readonly prices: Prices | undefined;
    readonly plan: ProductionPlan;
  }
  | {
    /** It is completed, and was named by the manifest. */
    readonly type: "taken";
    readonly runId: string;
    readonly path: string;
    readonly config: ProductionConfig;
  };

/** A sleeve with what it is taken from. */
export type PlannedSleeve =
  & {
    readonly id: string;
    /** From the outermost meta-portfolio down to it, for instance `equities/growth`. */
    readonly path: string;
    readonly candidate: SleeveChoice;
  }
  & (
    | { readonly type: "profile"; readonly run: PlannedRun }
    | { readonly type: "meta"; readonly nested: PlannedMeta }
  );

/** A meta-portfolio with everything checked that can be known before any work. */
export interface PlannedMeta {
  readonly runId: string;
  readonly config: MetaConfig;
  readonly sleeves: readonly PlannedSleeve[];
}

/** Plans a meta-portfolio: names the runs of its sleeves after its own, and checks their prices and candidates. The
 * same configuration gives the same run ids, so that a resume finds what is there.
 * @throws {UserError} naming the sleeve: for prices that cannot be read or are too few, for a candidate that the run of
 * its profile does not have, and for a run to take that is not there, not completed or of another profile */
export async function planMeta(
  config: MetaConfig,
  runId: string,
  folders: OutputFolders,
): Promise<PlannedMeta> {
  return await new Planner(folders).plan(config, parseRunId(runId), "");
}

/** Every production run of a plan, each once, in the order of the sleeves. */
export function plannedRuns({ sleeves }: PlannedMeta): PlannedRun[] {
  const runs = sleeves.flatMap((sleeve) =>
    sleeve.type === "profile" ? [sleeve.run] : plannedRuns(sleeve.nested)
  );
  return [...new Map(runs.map((run) => [run.runId, run])).values()];
}

class Planner {
  readonly #folders: OutputFolders;
  /** By configuration, or by the run that is to be taken. */
  readonly #runs = new Map<string, Promise<PlannedRun>>();

  constructor(folders: OutputFolders) {
    this.#folders = folders;
  }

  async plan(config: MetaConfig, runId: string, parentPath: string): Promise<PlannedMeta> {
    const sleeves: PlannedSleeve[] = [];
    // One after the other: which sleeve gives a shared run its name must not depend on the disk.
    for (const sleeve of config.sleeves) {
      sleeves.push(await this.#planSleeve(sleeve, runId, parentPath));
    }
    return { runId, config, sleeves };
  }

  async #planSleeve(
    sleeve: SleeveConfig,
    metaRunId: string,
    parentPath: string,
  ): Promise<PlannedSleeve> {
    const { id, candidate } = sleeve;
    const path = `${parentPath}${id}`;
    const runId = `${metaRunId}-${id}`;
    if (sleeve.type === "meta") {
      requireNested(path, candidate, sleeve.nested);
      const nested = await this.plan(sleeve.nested, runId, `${path}/`);
      return { type: "meta", id, path, candidate, nested };
    }
    const run = await this.#planRun(sleeve, runId, path);
    requireCandidate(path, candidate, run.config);
    return { type: "profile", id, path, candidate, run };
  }

  #planRun(
    { production, run_id: taken }: Extract<SleeveConfig, { type: "profile" }>,
    runId: string,
    path: string,
  ): Promise<PlannedRun> {
    const key = taken === undefined ? canonicalJson(production) : `taken ${taken}`;
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const planned = taken === undefined
      ? this.#planNewRun(production, runId, path)
      : this.#planTakenRun(production, taken, path);
    this.#runs.set(key, planned);
    return planned;
  }

  async #planNewRun(config: ProductionConfig, runId: string, path: string): Promise<PlannedRun> {
    try {
      let prices: Prices | undefined;
      const source = await describePrices(
        this.#folders.lakehouse,
        config.prices,
        (read) => prices = read,
        {
          interval: config.data.interval,
          pinned: await readPinned(new RunFolder(this.#folders, runId), config.prices),
        },
      );
      const plan = planProduction(config, source);
      return { type: "to run", runId, path, config, source, prices, plan };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const message = `Cannot plan sleeve ${path}: ${error.message}`;
      throw new UserError(errorCodeOf(error), message, { hint: error.hint, cause: error });
    }
  }

  async #planTakenRun(
    { profileName }: ProductionConfig,
    runId: string,
    path: string,
  ): Promise<PlannedRun> {
    const { config } = await readCompletedRun(new RunFolder(this.#folders, runId), path);
    if (config.profileName !== profileName) {
      throw new UserError(
        "meta/unfit-run",
        `Cannot take run ${runId} for sleeve ${path}: it is of profile ${config.profileName}, the sleeve's is ${profileName}`,
      );
    }
    return { type: "taken", runId, path, config };
  }
}

function requireCandidate(
  path: string,
  { selection, engine, profile, rebalance, simulator }: SleeveChoice,
  { profileName, selection: { modes }, backtest }: ProductionConfig,
): void {
  const choices: readonly (readonly [string, string | undefined, readonly string[]])[] = [
    ["selection", selection, [...modes, ANY]],
    ["rebalance", rebalance, backtest.rebalance],
    ["engine", engine, [...backtest.engines, ANY]],
    ["profile", profile, backtest.profiles],
    ["simulator", simulator, backtest.simulators],
  ];
  for (const [key, wanted, offered] of choices) {
    if (wanted === undefined || offered.includes(wanted)) continue;
    throw new UserError(
      "meta/bad-candidate",
      `Cannot plan sleeve ${path}: its candidate.${key} is ${JSON.stringify(wanted)}, ` +
        `but profile ${profileName} backtests no such ${key}`,
      { hint: nearestHint(wanted, offered) },
    );
  }
}

function requireNested(path: string, choice: SleeveChoice, { metaProfileName, meta }: MetaConfig) {
  const odd = (["selection", "engine", "rebalance", "simulator"] as const).find((key) =>
    choice[key] !== undefined
  );
  if (odd !== undefined) {
    throw new UserError(
      "meta/bad-candidate",
      `Cannot plan sleeve ${path}: candidate.${odd} is ${JSON.stringify(choice[odd])}, ` +
        `but a meta-portfolio has only a profile to choose`,
    );
  }
  const { profile } = choice;
  if (profile === undefined || meta.profiles.includes(profile)) return;
  throw new UserError(
    "meta/bad-candidate",
    `Cannot plan sleeve ${path}: its candidate.profile is ${JSON.stringify(profile)}, ` +
      `but meta profile ${metaProfileName} weighs by no such profile`,
    { hint: nearestHint(profile, meta.profiles) },
  );
}
