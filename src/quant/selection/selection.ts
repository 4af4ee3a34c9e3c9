import type { AssetClusteringSettings } from "../clustering/cluster_assets.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { AssetFeatures, ScoredFeature } from "./asset_features.ts";
import type { Veto } from "./vetoes.ts";

/** How assets are chosen: `ladder` by score, vetoes and clusters, relaxed step by step until enough are found; `liquid`
 * takes those that trade most; `baseline` takes all. */
export type SelectionMode = "ladder" | "liquid" | "baseline";

/** Whether an asset is bought or sold short. */
export type Direction = "LONG" | "SHORT";

/** The steps at which an asset can be chosen: the four of the ladder in their order, and the other modes. */
export type SelectionStep = "strict" | "relaxed" | "representative" | "fill" | "liquid" | "all";

/** An asset that may be chosen, with what is known of it beside its returns; what is not known is not judged. */
export interface SelectionCandidate {
  readonly symbol: string;
  /** Assets that are the same thing share it, for instance one coin on two exchanges: one of them is chosen at most. */
  readonly identity: string;
  /** Average traded value of a day, in the quote currency. */
  readonly dailyValue?: number;
  /** Of that, what counts as fully liquid: 1e7 for crypto, 5e8 otherwise. */
  readonly liquidValue?: number;
  /** What trading it costs in a year, as a fraction of its value. */
  readonly annualFriction?: number;
  /** Whether lot size, tick and fees are known. */
  readonly hasExecution?: boolean;
}

/** How a selection is made. */
export interface SelectionSettings {
  readonly mode: SelectionMode;
  /** The last rows of the window that features are taken from; longer ones are clipped to T. */
  readonly lookback: number;
  /** Winners of each direction in a cluster, at least 1, before the ladder fills up. */
  readonly topN: number;
  /** The least score of a winner, 0 to 1, before the ladder takes representatives. */
  readonly threshold: number;
  /** The ladder goes on until so many are found. */
  readonly minWinners: number;
  readonly maxWinners: number;
  /** Without SHORT an asset that falls is scored as what buying it would earn. */
  readonly directions: readonly Direction[];
  /** 252 for US equities, 365 for crypto; no default. */
  readonly periodsPerYear: number;
  readonly clustering: AssetClusteringSettings;
}

/** What a selection is made from: rows before the decision, and nothing after them. */
export interface SelectionRequest {
  /** T × N returns, one column a candidate. */
  readonly window: ReturnsWindow;
  /** N candidates. */
  readonly candidates: readonly SelectionCandidate[];
  readonly settings: SelectionSettings;
}

/** An asset that was chosen. */
export interface Winner {
  /** Its column in the window. */
  readonly index: number;
  readonly symbol: string;
  readonly direction: Direction;
}

/** What was decided about one candidate, and why. */
export interface AssetVerdict {
  readonly symbol: string;
  readonly identity: string;
  readonly direction: Direction;
  /** Of the returns in that direction; null in modes that look at none. */
  readonly features: AssetFeatures | null;
  /** What each feature counts for in the score, 0.01 to 1. */
  readonly probabilities: Readonly<Partial<Record<ScoredFeature, number>>>;
  /** 0 to 1; null where there is none. */
  readonly score: number | null;
  /** The number of its asset cluster; null where none was formed. */
  readonly cluster: number | null;
  /** What it fails under the strict limits. */
  readonly vetoes: readonly Veto[];
  readonly isWinner: boolean;
  /** The step that chose it. */
  readonly step: SelectionStep | null;
  /** A sentence. */
  readonly reason: string;
}

/** A step that was taken, in order. */
export interface StepTaken {
  readonly step: SelectionStep;
  /** Whom it added, the best score first. */
  readonly added: readonly string[];
  /** Winners after it. */
  readonly winners: number;
}

/** A selection with all that explains it. */
export interface Selection {
  readonly mode: SelectionMode;
  /** In the order of the candidates. */
  readonly winners: readonly Winner[];
  readonly steps: readonly StepTaken[];
  /** Asset clusters that were formed; 0 where none were. */
  readonly clusters: number;
  /** One a candidate, in their order. */
  readonly assets: readonly AssetVerdict[];
}
