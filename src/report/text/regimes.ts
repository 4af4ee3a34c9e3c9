import { QUADRANTS, REGIMES } from "../model/regimes.ts";
import type { MarketReport } from "../model/regimes.ts";
import type { ReportModel } from "../model/report_model.ts";
import { formatDay, formatDecimal, formatPercent, NO_VALUE } from "./format.ts";
import { numbers, texts, type TextTable } from "./text_table.ts";

/** A regime or a quadrant as people write it. */
export function stateName(state: string): string {
  const words = state.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How often each regime and quadrant was read, and what the lead and the benchmark earned in the windows after it.
 * @param lead the index of the leading candidate */
export function regimesTable(model: ReportModel, lead: number, name: string): TextTable {
  const rows = [
    ...REGIMES.map((regime) =>
      stateRow(model, lead, regime, (reading) => reading.regime === regime)
    ),
    ...QUADRANTS.map((quadrant) =>
      stateRow(
        model,
        lead,
        quadrant === "CRISIS" ? "CRISIS quadrant" : quadrant,
        (reading) => reading.quadrant === quadrant,
      )
    ),
  ];
  const benchmark = model.benchmark === null ? [] : numbers(`${model.benchmark.label}, a year`);
  return {
    caption: "Returns by the regime and the quadrant at the window's start",
    columns: [
      ...texts("Market"),
      ...numbers("Windows", "Share", `${name}, a year`),
      ...benchmark,
    ],
    rows,
  };
}

/** Every window with what was read of the market. */
export function readingsTable({ regimes }: ReportModel): TextTable {
  return {
    caption: "The market at each window",
    columns: [
      ...texts("From"),
      ...texts("Regime", "Quadrant"),
      ...numbers("Score", "Market, a year", "Stress"),
    ],
    rows: (regimes ?? []).map(({ testStartS, reading }) => {
      const day = formatDay(testStartS);
      if (reading === null) return [day, NO_VALUE, NO_VALUE, NO_VALUE, NO_VALUE, NO_VALUE];
      return [
        day,
        stateName(reading.regime),
        stateName(reading.quadrant),
        formatDecimal(reading.score, 2),
        formatPercent(reading.annualReturn, 1),
        formatDecimal(reading.stress, 2),
      ];
    }),
  };
}

function stateRow(
  model: ReportModel,
  lead: number,
  state: string,
  isState: (reading: MarketReport) => boolean,
): string[] {
  const regimes = model.regimes ?? [];
  const windows = regimes.flatMap(({ reading, testStartS }, w) =>
    reading !== null && isState(reading)
      ? [{ fromS: testStartS, toS: regimes[w + 1]?.testStartS ?? Infinity }]
      : []
  );
  const earned = (series: { timestampsS: readonly number[]; returns: readonly number[] }) =>
    formatPercent(annualReturnWithin(series, windows, model.periodsPerYear), 1);
  const candidate = model.candidates[lead];
  return [
    stateName(state),
    String(windows.length),
    formatPercent(windows.length / regimes.length, 0),
    candidate === undefined ? NO_VALUE : earned(candidate),
    ...model.benchmark === null ? [] : [earned(model.benchmark)],
  ];
}

/** Mean return of the bars within the spans × bars a year: stretches that are torn out of a path do not compound. */
function annualReturnWithin(
  { timestampsS, returns }: { timestampsS: readonly number[]; returns: readonly number[] },
  spans: readonly { readonly fromS: number; readonly toS: number }[],
  periodsPerYear: number,
): number {
  let sum = 0, bars = 0, span = 0;
  timestampsS.forEach((timeS, t) => {
    while (span < spans.length && timeS >= (spans[span]?.toS ?? Infinity)) span++;
    const current = spans[span];
    if (current === undefined || timeS < current.fromS) return;
    sum += returns[t] ?? 0;
    bars++;
  });
  return bars === 0 ? NaN : sum / bars * periodsPerYear;
}
