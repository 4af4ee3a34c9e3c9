import type { ProductionConfig } from "./config.ts";
import type { GatesConfig } from "./gates_config.ts";

/** What a meta-portfolio is told: a meta profile of the manifest with everything filled in. */
export interface MetaConfig {
  /** The meta profile that was chosen. */
  readonly metaProfileName: string;
  /** The manifest, as it was given. */
  readonly manifestPath: string;
  /** Heading of the report; default: the meta profile's name. */
  readonly title: string;
  /** How sleeves are weighted and traded. */
  readonly meta: MetaSettings;
  /** What the portfolio is held to. */
  readonly gates: GatesConfig;
  /** At least two. */
  readonly sleeves: readonly SleeveConfig[];
}

/** One sleeve: the run of a profile, or a meta-portfolio within this one. */
export type SleeveConfig =
  | SleeveCommon & {
    readonly type: "profile";
    readonly production: ProductionConfig;
    /** A completed run of that profile to take as it is; undefined: the profile is run. */
    readonly run_id?: string;
  }
  | SleeveCommon & { readonly type: "meta"; readonly nested: MetaConfig };

/** What all sleeves have. */
export interface SleeveCommon {
  /** Names it within its meta-portfolio. */
  readonly id: string;
  /** Which candidate of its run the sleeve is. */
  readonly candidate: SleeveChoice;
}

/** Which candidate of a run a sleeve is. What is left out is the first one of the manifest, and the optimiser profile
 * `hrp` where the run has it: never the one that did best, which nobody could have known before. */
export interface SleeveChoice {
  /** The mode of selection. */
  readonly selection?: string;
  readonly engine?: string;
  /** The optimiser profile. */
  readonly profile?: string;
  readonly rebalance?: string;
  readonly simulator?: string;
}

/** Section `meta`. */
export interface MetaSettings {
  /** Optimiser profiles by which sleeves are weighted; each makes a portfolio. Default hrp. */
  readonly profiles: readonly string[];
  /** Joined rows before a window on which its weights of sleeves depend. Default 126. */
  readonly train: number;
  /** Joined rows from one change of the weights to the next. Default 20. */
  readonly step: number;
  /** Whether training always begins at the first joined row. Default false. */
  readonly anchored: boolean;
  /** The smallest weight of a sleeve. Default 0.05. */
  readonly min_weight: number;
  /** The largest weight of a sleeve. Default 0.5. */
  readonly max_weight: number;
  /** A year, as a fraction. Default 0. */
  readonly risk_free_rate: number;
  /** When sleeves go back to their weights between two changes, as in section `backtest`. Default window. */
  readonly rebalance: "window" | "daily" | "drift";
  /** Of wealth, as a fraction. Default 0.05. */
  readonly drift_threshold: number;
  /** Of what is moved between sleeves, in basis points. Default 5. */
  readonly slippage_bps: number;
  /** Of what is moved between sleeves, in basis points. Default 1. */
  readonly commission_bps: number;
  /** Wealth at the first change of the weights. Default 1,000,000. */
  readonly initial_wealth: number;
  /** When a sleeve fails: `fail` lets the others end and then fails; `continue` goes on without it, and says so in the
   * report and the ledger. Default fail. */
  readonly on_failure: "fail" | "continue";
}

/** A meta profile as a manifest says it. */
export interface MetaLayer {
  /** See {@linkcode MetaConfig}. */
  readonly title?: string;
  /** See {@linkcode MetaSettings}. */
  readonly meta?: Partial<MetaSettings>;
  /** See {@linkcode GatesConfig}. */
  readonly gates?: Partial<GatesConfig>;
  readonly sleeves: readonly SleeveLayer[];
}

/** A sleeve as a manifest says it: with `profile`, or with `meta_profile`. */
export interface SleeveLayer {
  readonly id: string;
  /** A profile, or an alias of one. */
  readonly profile?: string;
  /** With `profile`: a completed run of it. */
  readonly run_id?: string;
  readonly meta_profile?: string;
  /** See {@linkcode SleeveChoice}. */
  readonly candidate?: SleeveChoice;
}

/** How many meta-portfolios may lie within each other, the outermost counted. */
export const MAX_META_DEPTH = 3;

/** What holds where no layer says otherwise. */
export const META_DEFAULTS: MetaSettings = {
  profiles: ["hrp"],
  train: 126,
  step: 20,
  anchored: false,
  min_weight: 0.05,
  max_weight: 0.5,
  risk_free_rate: 0,
  rebalance: "window",
  drift_threshold: 0.05,
  slippage_bps: 5,
  commission_bps: 1,
  initial_wealth: 1_000_000,
  on_failure: "fail",
};
