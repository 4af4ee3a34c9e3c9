import { assertNever } from "../../base/errors.ts";
import { assertReturnsWindow } from "../estimators/returns_window.ts";
import { climbLadder } from "./ladder.ts";
import type {
  AssetVerdict,
  Selection,
  SelectionCandidate,
  SelectionRequest,
  SelectionSettings,
  SelectionStep,
} from "./selection.ts";

/** Chooses among assets by their returns up to a decision, and says of each why.
 * @throws {RangeError} for a window that cannot be estimated from, candidates that do not match it, or settings out
 * of their range */
export function selectAssets(request: SelectionRequest): Selection {
  const { window, candidates, settings } = request;
  assertReturnsWindow(window);
  if (candidates.length !== window.N) {
    throw new RangeError(
      `Cannot select: the window has ${window.N} columns, there are ${candidates.length} candidates`,
    );
  }
  assertSettings(settings);
  switch (settings.mode) {
    case "ladder":
      return climbLadder(request);
    case "liquid":
      return takeLiquid(candidates, settings);
    case "baseline":
      return takeAll(candidates);
    default:
      return assertNever(settings.mode);
  }
}

/** The selection that takes every candidate and looks at nothing. */
function takeAll(candidates: readonly SelectionCandidate[]): Selection {
  const reasons = candidates.map(() => "every candidate is taken");
  return unscored("baseline", candidates, "all", new Set(candidates.keys()), reasons);
}

function takeLiquid(
  candidates: readonly SelectionCandidate[],
  { maxWinners }: SelectionSettings,
): Selection {
  const value = (index: number) => candidates[index].dailyValue ?? NaN;
  const known = [...candidates.keys()].filter((index) => value(index) >= 0);
  const chosen = new Set<number>();
  const reasons = candidates.map(() => "its traded value is not known");
  const holders = new Map<string, string>();
  for (const index of known.sort((a, b) => value(b) - value(a) || a - b)) {
    const { identity, symbol } = candidates[index];
    const holder = holders.get(identity);
    if (holder !== undefined) reasons[index] = `${holder} is the same asset and trades more`;
    else if (chosen.size >= maxWinners) reasons[index] = `${maxWinners} others trade more`;
    else {
      chosen.add(index);
      holders.set(identity, symbol);
      reasons[index] = `number ${chosen.size} by traded value`;
    }
  }
  return unscored("liquid", candidates, "liquid", chosen, reasons);
}

function unscored(
  mode: "liquid" | "baseline",
  candidates: readonly SelectionCandidate[],
  step: SelectionStep,
  chosen: ReadonlySet<number>,
  reasons: readonly string[],
): Selection {
  const assets = candidates.map(({ symbol, identity }, index): AssetVerdict => ({
    symbol,
    identity,
    direction: "LONG",
    features: null,
    probabilities: {},
    score: null,
    cluster: null,
    vetoes: [],
    isWinner: chosen.has(index),
    step: chosen.has(index) ? step : null,
    reason: reasons[index],
  }));
  const order = [...chosen].map((index) => candidates[index].symbol);
  return {
    mode,
    winners: [...chosen].sort((a, b) => a - b)
      .map((index) => ({ index, symbol: candidates[index].symbol, direction: "LONG" })),
    steps: [{ step, added: order, winners: order.length }],
    clusters: 0,
    assets,
  };
}

function assertSettings(settings: SelectionSettings): void {
  const refuse = (reason: string): never => {
    throw new RangeError(`Cannot select: ${reason}`);
  };
  for (const name of ["topN", "maxWinners"] as const) {
    const value = settings[name];
    if (!Number.isInteger(value) || value < 1) {
      refuse(`${name} must be a whole number from 1 on: it is ${value}`);
    }
  }
  if (!Number.isInteger(settings.lookback) || settings.lookback < 2) {
    refuse(`lookback must be a whole number from 2 on: it is ${settings.lookback}`);
  }
  if (!(settings.minWinners >= 0 && settings.minWinners <= settings.maxWinners)) {
    refuse(`minWinners must be 0 to ${settings.maxWinners}: it is ${settings.minWinners}`);
  }
  if (!(settings.threshold >= 0 && settings.threshold <= 1)) {
    refuse(`threshold must be 0 to 1: it is ${settings.threshold}`);
  }
  if (settings.directions.length === 0) refuse("there is no direction");
  if (!(settings.periodsPerYear > 0)) {
    refuse(`periodsPerYear must be above 0: it is ${settings.periodsPerYear}`);
  }
}
