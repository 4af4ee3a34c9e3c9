import { clusterAssets } from "../clustering/cluster_assets.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import { mean } from "../metrics/moments.ts";
import { type AssetFeatures, assetFeatures } from "./asset_features.ts";
import { type Score, scoreAssets } from "./scores.ts";
import type {
  AssetVerdict,
  Direction,
  Selection,
  SelectionCandidate,
  SelectionRequest,
  SelectionSettings,
  SelectionStep,
  StepTaken,
} from "./selection.ts";
import { RELAXED, STRICT, type Veto, vetoesOf } from "./vetoes.ts";

/** A candidate with all that decides about it. */
interface Contender {
  readonly index: number;
  readonly candidate: SelectionCandidate;
  readonly direction: Direction;
  readonly features: AssetFeatures;
  readonly score: Score;
  readonly cluster: number;
  readonly vetoes: readonly Veto[];
  readonly relaxedVetoes: readonly Veto[];
}

/** Selects by score within asset clusters, and relaxes the rules until enough are found:
 *
 * 1. strict: the best `topN` per direction of each cluster, of those that no veto and no threshold keeps out;
 * 2. relaxed: the same with the limits of entropy × 1.2 and of efficiency × 0.8;
 * 3. representative: the best of each cluster that has no winner yet;
 * 4. fill: the best of all others.
 *
 * The next step is taken while there are fewer than `minWinners`. Threshold and soft vetoes do not count in the last
 * two; hard vetoes (see {@linkcode Veto}) always do. One winner an identity, `maxWinners` at most.
 * @param request checked already */
export function climbLadder(request: SelectionRequest): Selection {
  const { contenders, clusters } = findContenders(request);
  const ladder = new Ladder(contenders, request.settings);
  const { minWinners } = request.settings;
  ladder.takeBest("strict", ({ vetoes }) => vetoes.length === 0);
  if (ladder.winners < minWinners) {
    ladder.takeBest("relaxed", ({ relaxedVetoes }) => relaxedVetoes.length === 0);
  }
  if (ladder.winners < minWinners) ladder.takeRepresentatives();
  if (ladder.winners < minWinners) ladder.fill();
  const assets = contenders.map((contender) => ladder.verdictOn(contender));
  return {
    mode: "ladder",
    winners: assets.flatMap(({ isWinner, symbol, direction }, index) =>
      isWinner ? [{ index, symbol, direction }] : []
    ),
    steps: ladder.steps,
    clusters,
    assets,
  };
}

function findContenders({ window, candidates, settings }: SelectionRequest) {
  const { lookback, periodsPerYear, directions, clustering } = settings;
  const { labels, count } = clusterAssets(window, clustering);
  const judged = candidates.map((candidate, index) => {
    const returns = recentReturns(window, index, lookback);
    const direction = directionOf(mean(returns), directions);
    const held = direction === "SHORT" ? returns.map((value) => -value) : returns;
    return { direction, features: assetFeatures(held, periodsPerYear, liquidityOf(candidate)) };
  });
  const scores = scoreAssets(judged.map(({ features }) => features));
  const contenders = candidates.map((candidate, index): Contender => ({
    ...judged[index],
    index,
    candidate,
    score: scores[index],
    cluster: labels[index],
    vetoes: vetoesOf(judged[index].features, candidate, STRICT),
    relaxedVetoes: vetoesOf(judged[index].features, candidate, RELAXED),
  }));
  return { contenders, clusters: count };
}

function recentReturns({ values, T, N }: ReturnsWindow, index: number, lookback: number) {
  const from = Math.max(0, T - lookback);
  return Float64Array.from({ length: T - from }, (_, t) => values[(from + t) * N + index]);
}

function directionOf(meanReturn: number, directions: readonly Direction[]): Direction {
  if (directions.length === 1) return directions[0];
  return meanReturn < 0 ? "SHORT" : "LONG";
}

function liquidityOf({ dailyValue, liquidValue }: SelectionCandidate): number {
  if (dailyValue === undefined || liquidValue === undefined) return NaN;
  return Math.min(1, dailyValue / liquidValue);
}

class Ladder {
  readonly steps: StepTaken[] = [];
  /** The contenders that can be scored and that no hard veto keeps out, the best first. */
  readonly #eligible: readonly Contender[];
  readonly #settings: SelectionSettings;
  readonly #stepOf = new Map<number, SelectionStep>();
  readonly #holderOf = new Map<string, Contender>();
  /** In each direction of a cluster. */
  readonly #counts = new Map<string, number>();

  constructor(contenders: readonly Contender[], settings: SelectionSettings) {
    this.#settings = settings;
    this.#eligible = contenders
      .filter(({ score, vetoes }) =>
        !Number.isNaN(score.score) && !vetoes.some(({ isHard }) => isHard)
      )
      .sort((a, b) => b.score.score - a.score.score || a.index - b.index);
  }

  get winners(): number {
    return this.#stepOf.size;
  }

  takeBest(step: "strict" | "relaxed", passes: (contender: Contender) => boolean): void {
    const { threshold, topN } = this.#settings;
    this.#take(step, (contender) =>
      passes(contender) && contender.score.score >= threshold &&
      (this.#counts.get(placeOf(contender)) ?? 0) < topN);
  }

  takeRepresentatives(): void {
    const represented = new Set(
      this.#eligible.filter(({ index }) => this.#stepOf.has(index)).map(({ cluster }) => cluster),
    );
    this.#take("representative", ({ cluster, candidate }) => {
      if (represented.has(cluster) || this.#holderOf.has(candidate.identity)) return false;
      represented.add(cluster);
      return true;
    });
  }

  fill(): void {
    this.#take("fill", () => this.winners < this.#settings.minWinners);
  }

  verdictOn(contender: Contender): AssetVerdict {
    const { candidate: { symbol, identity }, score, index, vetoes } = contender;
    const step = this.#stepOf.get(index) ?? null;
    return {
      symbol,
      identity,
      direction: contender.direction,
      features: contender.features,
      probabilities: score.probabilities,
      score: Number.isNaN(score.score) ? null : score.score,
      cluster: contender.cluster,
      vetoes,
      isWinner: step !== null,
      step,
      reason: step === null ? this.#refusal(contender) : this.#praise(contender, step),
    };
  }

  /** Walks through the eligible from the best down and takes those that are wanted. */
  #take(step: SelectionStep, isWanted: (contender: Contender) => boolean): void {
    const added: string[] = [];
    for (const contender of this.#eligible) {
      if (this.winners >= this.#settings.maxWinners) break;
      const { index, candidate: { identity, symbol } } = contender;
      if (this.#stepOf.has(index) || this.#holderOf.has(identity) || !isWanted(contender)) continue;
      this.#stepOf.set(index, step);
      this.#holderOf.set(identity, contender);
      this.#counts.set(placeOf(contender), (this.#counts.get(placeOf(contender)) ?? 0) + 1);
      added.push(symbol);
    }
    this.steps.push({ step, added, winners: this.winners });
  }

  #praise({ score, cluster, direction, vetoes }: Contender, step: SelectionStep): string {
    const { topN, minWinners } = this.#settings;
    const scored = `score ${score.score.toFixed(3)}`;
    const despite = vetoes.length === 0 ? "" : `, although ${details(vetoes)}`;
    switch (step) {
      case "strict":
        return `${scored}, among the best ${topN} ${direction} of cluster ${cluster}`;
      case "relaxed":
        return `${scored}, among the best ${topN} ${direction} of cluster ${cluster} under relaxed limits${despite}`;
      case "representative":
        return `${scored}, the best of cluster ${cluster}, which had no winner${despite}`;
      default:
        return `${scored}, taken to have ${minWinners} winners${despite}`;
    }
  }

  #refusal({ candidate, score, cluster, direction, vetoes }: Contender): string {
    const { threshold, topN, maxWinners } = this.#settings;
    const hard = vetoes.filter(({ isHard }) => isHard);
    if (hard.length > 0) return `vetoed: ${details(hard)}`;
    if (Number.isNaN(score.score)) return "it lacks a feature that the others have";
    const holder = this.#holderOf.get(candidate.identity);
    if (holder !== undefined) return `${holder.candidate.symbol} is the same asset and was chosen`;
    if (vetoes.length > 0) return `vetoed: ${details(vetoes)}`;
    if (score.score < threshold) return `score ${score.score.toFixed(3)} is below ${threshold}`;
    if (this.winners >= maxWinners) return `${maxWinners} winners with better scores were found`;
    return `${topN} ${direction} of cluster ${cluster} have better scores`;
  }
}

function placeOf({ cluster, direction }: Contender): string {
  return `${cluster} ${direction}`;
}

function details(vetoes: readonly Veto[]): string {
  return vetoes.map(({ detail }) => detail).join("; ");
}
