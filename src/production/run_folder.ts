import { newId, parseRunId } from "../base/ids.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import type { Candidate } from "./grid.ts";

/** The folders of an output folder: what runs share, and what is each run's own. */
export interface OutputFolders {
  readonly root: string;
  /** Tables of prices. */
  readonly lakehouse: string;
  /** Files by their content: what runs have in common is there once. */
  readonly store: string;
  /** States and results of flows. */
  readonly flowStore: string;
  readonly runs: string;
  /** Notes of the runs that a remote does not have all of yet. */
  readonly mirror: string;
}

/** Names the folders; makes none. */
export function outputFolders(root: string): OutputFolders {
  return {
    root,
    lakehouse: `${root}/lakehouse`,
    store: `${root}/store`,
    flowStore: `${root}/flow.db`,
    runs: `${root}/runs`,
    mirror: `${root}/mirror`,
  };
}

/** Makes sure that the output folder can be written into, before any work is done.
 * @throws {UserError} naming the folder */
export async function requireWritable(root: string): Promise<void> {
  const probe = `${root}/.${newId("probe")}`;
  try {
    await Deno.mkdir(root, { recursive: true });
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
  } catch (cause) {
    throw new UserError(
      "run/unwritable-folder",
      `Cannot write into the output folder ${root}: ${errorMessage(cause)}`,
      {
        hint: "Give another one with --out DIR.",
        cause,
      },
    );
  }
}

function fileName(
  { selection, engine, profile, rebalance, simulator }:
    & Omit<Candidate, "simulator">
    & Partial<Candidate>,
): string {
  return [selection, engine, profile, rebalance, ...simulator === undefined ? [] : [simulator]]
    .join("_");
}

/** The name beside the runs that points to the newest completed one. */
const LATEST = "latest";

/** The files of one run. */
export class RunFolder {
  readonly path: string;

  /** @throws {UserError} for a run id that could leave the folder, or that would stand where `runs/latest` has to */
  constructor(folders: OutputFolders, readonly runId: string) {
    // Some disks take upper and lower case for the same.
    if (runId.toLowerCase() === LATEST) {
      throw new UserError("run/bad-id", `Cannot use ${JSON.stringify(runId)} as a run id`, {
        hint: `The name ${LATEST} points to the newest completed run; give another one.`,
      });
    }
    this.path = `${folders.runs}/${parseRunId(runId)}`;
  }

  get config(): string {
    return `${this.path}/config/production.json`;
  }
  /** The version of the lakehouse that its prices are of. */
  get lakehouseVersion(): string {
    return `${this.path}/config/lakehouse_version.json`;
  }
  get ledger(): string {
    return `${this.path}/audit.jsonl`;
  }
  get summary(): string {
    return `${this.path}/run.json`;
  }
  get returns(): string {
    return `${this.path}/data/returns.parquet`;
  }
  get weights(): string {
    return `${this.path}/data/weights.parquet`;
  }
  /** Of a meta-portfolio: its configuration. */
  get metaConfig(): string {
    return `${this.path}/config/meta.json`;
  }
  /** Of a meta-portfolio: the joined returns of its sleeves. */
  get sleeveReturns(): string {
    return `${this.path}/data/sleeve_returns.parquet`;
  }
  /** Of a meta-portfolio: the weights of its sleeves. */
  get sleeveWeights(): string {
    return `${this.path}/data/sleeve_weights.parquet`;
  }
  /** Of a meta-portfolio: what each sleeve puts into each asset, over time. */
  get holdings(): string {
    return `${this.path}/data/holdings.parquet`;
  }
  /** Of a meta-portfolio: what is to be held now. */
  get portfolio(): string {
    return `${this.path}/portfolio.json`;
  }
  get selectionAudit(): string {
    return `${this.path}/reports/selection_audit.json`;
  }
  /** The market as it stood at each window. */
  get regimes(): string {
    return `${this.path}/reports/regimes.json`;
  }
  /** How sure the results are, by cross-validation. */
  get crossValidation(): string {
    return `${this.path}/reports/cross_validation.json`;
  }
  get metrics(): string {
    return `${this.path}/metrics.json`;
  }
  get reportHtml(): string {
    return `${this.path}/report.html`;
  }
  get reportMarkdown(): string {
    return `${this.path}/report.md`;
  }
  get reportJson(): string {
    return `${this.path}/report.json`;
  }
  get logs(): string {
    return `${this.path}/logs`;
  }

  /** The out-of-sample returns of a candidate. */
  candidateReturns(candidate: Candidate): string {
    return `${this.path}/returns/${fileName(candidate)}.parquet`;
  }

  /** The trades of a candidate whose simulator trades shares. */
  candidateTrades(candidate: Candidate): string {
    return `${this.path}/trades/${fileName(candidate)}.parquet`;
  }

  /** The metrics of a candidate, but for those that compare it with others. */
  candidateMetrics(candidate: Candidate): string {
    return `${this.path}/metrics/${fileName(candidate)}.json`;
  }

  /** The returns of a chain of weights along the paths of a cross-validation. */
  pathReturns(candidate: Omit<Candidate, "simulator">): string {
    return `${this.path}/paths/${fileName(candidate)}.parquet`;
  }

  /** Makes the folder with its parts. */
  async create(): Promise<void> {
    for (
      const part of ["config", "data", "returns", "trades", "paths", "metrics", "reports", "logs"]
    ) {
      await Deno.mkdir(`${this.path}/${part}`, { recursive: true });
    }
  }

  /** Lets `runs/latest` point here, in one step. */
  async pointLatest(): Promise<void> {
    const latest = `${this.path.slice(0, -this.runId.length)}${LATEST}`;
    const temporaryPath = `${latest}.${newId("tmp")}`;
    await Deno.symlink(this.runId, temporaryPath);
    await Deno.rename(temporaryPath, latest);
  }
}
