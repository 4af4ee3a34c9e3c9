import type { ScannerConfig, SourceConfig } from "./sources_config.ts";
import { EXECUTION_DEFAULTS, type ExecutionConfig } from "./execution_config.ts";
import { GATES_DEFAULTS, type GatesConfig } from "./gates_config.ts";
import { RISK_DEFAULTS, type RiskConfig } from "./risk_config.ts";
import { NO_OWN, type OwnConfig } from "./own_config.ts";
import {
  SELECTION_DEFAULTS,
  type SelectionConfig,
  type SynthesisConfig,
} from "./selection_config.ts";

/** What a production run is told: a profile of the manifest with everything filled in. Keys are spelled as in the
 * manifest file, so that messages, `TV_*` variables, flags and reports share one name. */
export interface ProductionConfig {
  /** The profile that was chosen, aliases resolved. */
  readonly profileName: string;
  /** The manifest, as it was given. */
  readonly manifestPath: string;
  /** Absolute path of the wide price file, or the path or `s3://BUCKET/PREFIX` of a lakehouse with a table of bars a symbol; in a manifest it is relative
   * to the manifest's folder. */
  readonly prices: string;
  /** Whether the prices are invented: reports say so in a banner. */
  readonly synthetic: boolean;
  /** Heading of the report; default: the profile's name. */
  readonly title: string;
  /** What of the prices is used, and what is asked of it. */
  readonly data: DataConfig;
  /** Which symbols go on to the optimisers. */
  readonly selection: SelectionConfig;
  /** Whether rules on the symbols are optimised over, instead of the symbols. */
  readonly synthesis: SynthesisConfig;
  /** Estimators, limits on weights, and how assets are clustered. */
  readonly risk: RiskConfig;
  /** Windows, costs, and the grid of candidates. */
  readonly backtest: BacktestConfig;
  /** Where the data operations take bars from, by name. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
  /** How simulators that trade shares trade. */
  readonly execution: ExecutionConfig;
  /** What candidates are held to. */
  readonly gates: GatesConfig;
  /** Which symbols are looked at to begin with. */
  readonly discovery: DiscoveryConfig;
  /** Where runs are copied to, and how their ledgers are kept. */
  readonly storage: StorageConfig;
  /** Optimisers, strategies, simulators and metrics of the user's own. */
  readonly own: OwnConfig;
}

/** When assets trade: decides the bars per year and what a gap is. `auto` tells it from the dates of the prices. */
export type Calendar = "auto" | "XNYS" | "24x5" | "24x7";

/** Section `data`. */
export interface DataConfig {
  /** Of the bars that are taken from a lakehouse: 1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w. Default 1d. */
  readonly interval: string;
  /** Default auto; XNYS: sessions of New York. */
  readonly calendar: Calendar;
  /** Rows of prices that are used, counted back from the last one: sessions, or days of a 24×7 market. Default 500. */
  readonly lookback_days: number;
  /** A symbol with fewer prices within them is dropped. Default 320. */
  readonly min_days_floor: number;
  /** Whether stale or gappy data stop the run. Default false. */
  readonly strict_health: boolean;
}

/** How rows are cut for combinatorial purged cross-validation, beside the walk-forward. */
export interface CrossValidationConfig {
  /** Groups of neighbouring rows. */
  readonly groups: number;
  /** Groups that each split tests, fewer than `groups`; the rest trains. */
  readonly test_groups: number;
  /** Rows left out of training on either side of a test. Default 0. */
  readonly purge?: number;
  /** More rows left out of training after a test. Default 0. */
  readonly embargo?: number;
}

/** Section `backtest`. */
export interface BacktestConfig {
  /** Rows of returns before a window's test on which weights depend. Default 252. */
  readonly train: number;
  /** Rows of a test. Default 20. */
  readonly test: number;
  /** Rows from a window to the next, at least `test`: tests must not overlap. Default 20. */
  readonly step: number;
  /** Whether training always begins at the first row. Default false. */
  readonly anchored: boolean;
  /** Rows left out between training and test. Default 0. */
  readonly purge: number;
  /** Backtests every chain of weights on many paths as well; with the mode `baseline` alone, without synthesis. Default:
   * none. */
  readonly cross_validation?: CrossValidationConfig;
  /** Default `clustered`. */
  readonly engines: readonly string[];
  /** Default equal_weight, min_variance, hrp, risk_parity, max_sharpe. */
  readonly profiles: readonly string[];
  /** Default `vectorized`. */
  readonly simulators: readonly string[];
  /** When holdings go back to their weights within a test: never, on every bar, or when one has drifted by more than
   * `drift_threshold`; each is simulated. Default window. */
  readonly rebalance: readonly ("window" | "daily" | "drift")[];
  /** Of wealth, as a fraction. Default 0.05. */
  readonly drift_threshold: number;
  /** Of what is traded, in basis points. Default 5. */
  readonly slippage_bps: number;
  /** Of what is traded, in basis points. Default 1. */
  readonly commission_bps: number;
  /** Wealth at the first test row, in the currency of the prices. Default 1,000,000. */
  readonly initial_wealth: number;
}

/** Section `storage`: says nothing about what a run computes. */
export interface StorageConfig {
  /** `s3://BUCKET/PREFIX`, or a folder, into which every run is copied as it grows; in a manifest a folder is relative to
   * the manifest's. Default: none. */
  readonly remote?: string;
  /** `s3://BUCKET/PREFIX` of a bucket with Object Lock, where the head of a ledger is kept at the end of its run. Default:
   * `anchors` in `remote`, when that is in S3. */
  readonly anchor?: string;
  /** For how long nobody can remove a head that was anchored. Default 3650. */
  readonly anchor_days: number;
  /** `governance`: those with a permission of its own can remove it earlier · `compliance`: nobody can. Default
   * governance. */
  readonly anchor_mode: "governance" | "compliance";
  /** When the disk is synced for the ledger: `at-close` survives the death of the process, `every-write` that of the
   * machine. Default at-close. */
  readonly fsync: "at-close" | "every-write";
  /** The data operations keep so many of the newest versions of a lakehouse, whatever their age. Default 10. */
  readonly keep_versions: number;
  /** They keep versions that were the newest one within so many days. Default 30. */
  readonly keep_days: number;
}

/** Section `discovery`. */
export interface DiscoveryConfig {
  /** The symbols of the prices that are used, in this order; undefined: all that scanners take, or without any all. */
  readonly symbols?: readonly string[];
  /** What is looked for in `sources`, and of a lakehouse taken into a run. */
  readonly scanners?: readonly ScannerConfig[];
  /** Those of them that are the market, for the profile `market` and for betas; undefined: all are what betas are to. */
  readonly market?: readonly string[];
}

/** A layer of configuration: any part of it, as `defaults` and each profile are. */
export interface ConfigLayer {
  /** See {@linkcode ProductionConfig}. */
  readonly title?: string;
  /** See {@linkcode ProductionConfig}. */
  readonly prices?: string;
  /** See {@linkcode ProductionConfig}. */
  readonly synthetic?: boolean;
  /** See {@linkcode DataConfig}. */
  readonly data?: Partial<DataConfig>;
  /** See {@linkcode SelectionConfig}. */
  readonly selection?: Partial<SelectionConfig>;
  /** See {@linkcode SynthesisConfig}. */
  readonly synthesis?: Partial<SynthesisConfig>;
  /** See {@linkcode RiskConfig}. */
  readonly risk?: Partial<RiskConfig>;
  /** See {@linkcode BacktestConfig}. */
  readonly backtest?: Partial<BacktestConfig>;
  /** See {@linkcode SourceConfig}. */
  readonly sources?: Readonly<Record<string, SourceConfig>>;
  /** See {@linkcode ExecutionConfig}. */
  readonly execution?: Partial<ExecutionConfig>;
  /** See {@linkcode GatesConfig}. */
  readonly gates?: Partial<GatesConfig>;
  /** See {@linkcode DiscoveryConfig}. */
  readonly discovery?: Partial<DiscoveryConfig>;
  /** See {@linkcode StorageConfig}. */
  readonly storage?: Partial<StorageConfig>;
}

/** What holds where no layer says otherwise. */
export const DEFAULTS: Omit<
  ProductionConfig,
  "profileName" | "manifestPath" | "prices" | "synthetic" | "title"
> = {
  data: {
    interval: "1d",
    calendar: "auto",
    lookback_days: 500,
    min_days_floor: 320,
    strict_health: false,
  },
  ...SELECTION_DEFAULTS,
  risk: RISK_DEFAULTS,
  backtest: {
    train: 252,
    test: 20,
    step: 20,
    anchored: false,
    purge: 0,
    engines: ["clustered"],
    profiles: ["equal_weight", "min_variance", "hrp", "risk_parity", "max_sharpe"],
    simulators: ["vectorized"],
    rebalance: ["window"],
    drift_threshold: 0.05,
    slippage_bps: 5,
    commission_bps: 1,
    initial_wealth: 1_000_000,
  },
  sources: {},
  execution: EXECUTION_DEFAULTS,
  gates: GATES_DEFAULTS,
  own: NO_OWN,
  discovery: {},
  storage: {
    anchor_days: 3650,
    anchor_mode: "governance",
    fsync: "at-close",
    keep_versions: 10,
    keep_days: 30,
  },
};
