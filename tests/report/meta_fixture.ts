import type { ReportModel } from "../../src/report/model/report_model.ts";
import { makeReportModel } from "./fixture.ts";

/** A report of a meta-portfolio: two sleeves, one of them nested over two more, and what they hold in the end. */
export function makeMetaModel(bars = 300): ReportModel {
  const model = makeReportModel({
    bars,
    symbols: ["us", "world"],
    profiles: ["hrp", "equal_weight"],
  });
  const [first, second] = model.candidates;
  const series = { timestampsS: first.timestampsS, returns: first.returns };
  const sleeve = {
    kind: "production" as const,
    candidate: "clustered · hrp · vectorized",
    ledgerHash: "ab".repeat(32),
    metrics: first.metrics,
  };
  return {
    ...model,
    title: "All sleeves",
    sleeves: {
      sleeves: [
        { ...sleeve, ...series, id: "us", depth: 1, profile: "us_large_cap", runId: "m-us" },
        {
          ...sleeve,
          id: "world",
          depth: 1,
          kind: "meta",
          profile: "world",
          runId: "m-world",
          timestampsS: second.timestampsS,
          returns: second.returns,
        },
        {
          ...sleeve,
          id: "crypto",
          depth: 2,
          profile: "crypto",
          runId: "m-crypto",
          timestampsS: [],
          returns: [],
        },
        {
          ...sleeve,
          id: "fx",
          depth: 2,
          profile: "fx",
          runId: null,
          candidate: null,
          ledgerHash: null,
          metrics: {},
          timestampsS: [],
          returns: [],
        },
      ],
      joined: {
        from: "2017-01-02",
        to: "2018-02-23",
        days: bars,
        compoundedDays: 100,
        outsideDays: 7,
      },
      correlations: [[1, -0.31], [-0.31, 1]],
      warnings: ["Sleeve fx was left out: its prices <are> missing."],
    },
    contributors: [
      {
        engine: "native",
        profile: "hrp",
        gross: 1,
        net: 0.8,
        assets: [
          {
            symbol: "AAPL",
            net: 0.7,
            gross: 0.7,
            parts: [{ sleeve: "us", weight: 0.5 }, { sleeve: "world", weight: 0.2 }],
          },
          { symbol: "BTC", net: 0.1, gross: 0.3, parts: [{ sleeve: "world", weight: 0.1 }] },
        ],
      },
      { engine: "native", profile: "equal_weight", gross: 1, net: 1, assets: [] },
    ],
  };
}
