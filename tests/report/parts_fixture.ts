import type { Rng } from "../../src/base/rng.ts";
import type { ClustersReport } from "../../src/report/model/clusters.ts";
import type { CandidateReport } from "../../src/report/model/report_model.ts";
import { QUADRANTS, type RegimeReport, REGIMES } from "../../src/report/model/regimes.ts";

/** A market that goes from regime to regime; the first window has none. */
export function makeRegimes(testStartsS: readonly number[]): readonly RegimeReport[] {
  return testStartsS.map((testStartS, w) => ({
    testStartS,
    reading: w === 0 ? null : {
      regime: REGIMES[Math.floor(w / 3) % 4],
      score: [0.5, 1, 1.5, 2.1][Math.floor(w / 3) % 4],
      quadrant: QUADRANTS[w % 4],
      annualReturn: 0.03 * (w % 4),
      stress: 1 + 0.1 * (w % 4),
    },
  }));
}

/** A tree in which each asset joins those before it, in clusters of three. */
export function makeClusters(symbols: readonly string[]): ClustersReport {
  const n = symbols.length;
  return {
    window: 87,
    from: "2022-01-03",
    to: "2022-12-30",
    assets: symbols,
    labels: symbols.map((_, k) => Math.floor(k / 3)),
    merges: symbols.slice(1).map((_, k) => ({
      left: k === 0 ? 0 : n + k - 1,
      right: k + 1,
      height: 0.3 + k / n,
    })),
    cutHeight: 0.7,
    correlations: symbols.map((_, i) =>
      symbols.map((_, j) => i === j ? 1 : 0.9 - 0.12 * Math.abs(i - j))
    ),
    omitted: 0,
  };
}

/** Two drawdowns, one of them not over; every symbol's part of the total return; and trades of each window. */
export function makeActivity(
  rng: Rng,
  symbols: readonly string[],
  windows: number,
  totalReturn: number,
): Pick<CandidateReport, "drawdowns" | "attribution" | "trading"> {
  const parts = symbols.map(() => rng.normal());
  const sum = parts.reduce((total, value) => total + value, 0);
  const rest = -0.02;
  const rows = symbols.map((symbol, i) => ({
    symbol,
    meanWeight: 1 / symbols.length,
    heldShare: 1 - i / (2 * symbols.length),
    contribution: parts[i] + (totalReturn - rest - sum) / symbols.length,
  })).sort((a, b) => b.contribution - a.contribution);
  return {
    drawdowns: [
      {
        depth: -0.31,
        from: "2018-02-06",
        trough: "2018-03-23",
        recovered: "2018-06-08",
        barsDown: 32,
        bars: 84,
      },
      {
        depth: -0.12,
        from: "2019-09-24",
        trough: "2019-12-24",
        recovered: null,
        barsDown: 64,
        bars: 77,
      },
    ],
    attribution: { rows, rest },
    trading: {
      turnover: Array.from({ length: windows }, (_, w) => w === 0 ? 0.5 : 0.1 + 0.2 * rng.next()),
      costs: Array.from({ length: windows }, () => 0.0002),
      rebalances: windows,
    },
  };
}
