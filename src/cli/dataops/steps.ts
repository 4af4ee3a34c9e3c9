import { Coverage } from "../../dataops/coverage.ts";
import { discover, storeDiscovery } from "../../dataops/discover.ts";
import { featuresWrite } from "../../dataops/features_table.ts";
import { fetchTables, planFetch } from "../../dataops/fetch_tables.ts";
import { auditTables, healthWrite } from "../../dataops/health_table.ts";
import { findGappyTables, repairTables } from "../../dataops/repair_tables.ts";
import type { BarSource } from "../../dataops/sources/bar_source.ts";
import { GRACE_HOURS } from "../../lakehouse/snapshots/retention.ts";
import { currentSymbols, type DataOps } from "./setup.ts";

const MS_PER_HOUR = 3_600_000;

/** What a step came to. */
export interface StepOutcome {
  /** In a few words. */
  readonly detail: string;
  /** Symbols with which it failed, and why. */
  readonly failed: readonly { readonly symbol: string; readonly reason: string }[];
  /** For scripts. */
  readonly result: Readonly<Record<string, unknown>>;
}

/** How a step is run. */
export interface StepContext extends DataOps {
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  /** Says how far it is: so many of so many symbols. */
  readonly onProgress: (done: number, total: number) => void;
}

/** One of the data operations. */
export interface Step {
  /** One line. */
  readonly brief: string;
  readonly run: (context: StepContext) => Promise<StepOutcome>;
}

/** The data operations, in the order in which `run` does them. */
export const STEPS: Readonly<Record<string, Step>> = {
  discover: {
    brief: "looks for symbols by the manifest's scanners",
    run: runDiscover,
  },
  fetch: {
    brief: "brings the tables of bars up to date, asking only for what is missing",
    run: runFetch,
  },
  repair: {
    brief: "asks again for bars that the calendars miss",
    run: runRepair,
  },
  audit: {
    brief: "writes down the health of every table as of today",
    run: runAudit,
  },
  features: {
    brief: "measures every symbol's last bars",
    run: runFeatures,
  },
  gc: {
    brief: "drops old versions, as far as storage.keep_versions and keep_days let it",
    run: runGc,
  },
};

async function runDiscover(context: StepContext): Promise<StepOutcome> {
  const { config, sources, nowS, lake, signal, isDryRun } = context;
  const discovery = await discover(config.discovery.scanners ?? [], sources, nowS, signal);
  const symbols = discovery.candidates.map(({ record }) => record.symbol);
  const found = `${symbols.length} candidates (${discovery.remarks.join("; ")})`;
  if (isDryRun) return { detail: `${found}; nothing written`, failed: [], result: { symbols } };
  const { added, left } = await storeDiscovery(lake, discovery, nowS);
  const detail = `${found}; ${added} new, ${left} left`;
  return { detail, failed: [], result: { symbols, added, left } };
}

async function runFetch(context: StepContext): Promise<StepOutcome> {
  const { config: { data }, lake, nowS, signal, onProgress } = context;
  const records = await currentSymbols(context);
  const sources = barSources(context);
  const settings = { interval: data.interval, lookback: data.lookback_days, nowS, sources };
  if (context.isDryRun) {
    const planned = planFetch(records, await Coverage.read(lake), settings);
    const stale = planned.filter(({ missing }) => missing.length > 0);
    const result = {
      fresh: planned.length - stale.length,
      missing: stale.map(({ record: { symbol }, missing }) => ({ symbol, missing })),
    };
    return {
      detail: `would ask for ${stale.length} of ${planned.length} symbols`,
      failed: [],
      result,
    };
  }
  let done = 0;
  onProgress(0, records.length);
  const fetched = await fetchTables(records, {
    ...settings,
    lake,
    signal,
    onFetched: () => onProgress(++done, records.length),
  });
  const count = (status: string) => fetched.filter((one) => one.status === status).length;
  const bars = fetched.reduce((sum, one) => sum + one.bars, 0);
  return {
    detail: `${bars} bars; ${count("updated")} tables updated, ${count("replaced")} replaced, ` +
      `${count("fresh")} fresh, ${count("failed")} failed`,
    failed: failuresOf(fetched),
    result: { tables: fetched },
  };
}

async function runRepair(context: StepContext): Promise<StepOutcome> {
  const { config: { data: { interval } }, lake, signal, onProgress } = context;
  const settings = { lake, interval, signal, sources: barSources(context) };
  const gappy = await findGappyTables(await currentSymbols(context), settings);
  const gaps = gappy.reduce((sum, one) => sum + one.gaps.length, 0);
  if (context.isDryRun) {
    const result = { gaps: gappy.map(({ record: { symbol }, gaps }) => ({ symbol, gaps })) };
    return { detail: `would ask for ${gaps} gaps of ${gappy.length} symbols`, failed: [], result };
  }
  let done = 0;
  onProgress(0, gappy.length);
  const repaired = await repairTables(gappy, {
    ...settings,
    onRepaired: () => onProgress(++done, gappy.length),
  });
  const sum = (key: "filled" | "confirmed") => repaired.reduce((all, one) => all + one[key], 0);
  return {
    detail: `${gaps} gaps of ${gappy.length} symbols: ${sum("filled")} bars filled in, ` +
      `${sum("confirmed")} gaps confirmed`,
    failed: failuresOf(repaired),
    result: { tables: repaired },
  };
}

async function runAudit(context: StepContext): Promise<StepOutcome> {
  const { config: { data }, lake, nowS, isDryRun } = context;
  const health = await auditTables(await currentSymbols(context), {
    lake,
    nowS,
    interval: data.interval,
    lookback: data.lookback_days,
    minDaysFloor: data.min_days_floor,
  });
  if (!isDryRun) await lake.writeTables([healthWrite(health, nowS)]);
  const counts = new Map<string, number>();
  for (const { status } of health) counts.set(status, (counts.get(status) ?? 0) + 1);
  return {
    detail: [...counts].map(([status, count]) => `${count} ${status}`).join(", "),
    failed: [],
    result: { health: health.map(({ symbol, status, reasons }) => ({ symbol, status, reasons })) },
  };
}

async function runFeatures(context: StepContext): Promise<StepOutcome> {
  const { config: { data, selection }, lake, isDryRun } = context;
  const records = await currentSymbols(context);
  const write = await featuresWrite(lake, records, data.interval, selection.lookback);
  if (!isDryRun) await lake.writeTables([write]);
  const symbols = write.columns[0].values.length;
  return { detail: `${symbols} of ${records.length} symbols`, failed: [], result: { symbols } };
}

async function runGc(context: StepContext): Promise<StepOutcome> {
  const { config: { storage }, lake, isDryRun } = context;
  const retention = {
    keepVersions: storage.keep_versions,
    keepMs: storage.keep_days * 24 * MS_PER_HOUR,
    graceMs: GRACE_HOURS * MS_PER_HOUR,
  };
  const { dropped, removed } = await lake.collect(retention, { isDryRun });
  const detail = `${dropped.length} old versions and ${removed.length} files ${
    isDryRun ? "would be removed" : "removed"
  }`;
  return { detail, failed: [], result: { dropped, removed: removed.map(({ key }) => key) } };
}

function barSources({ sources }: DataOps): Map<string, BarSource> {
  return new Map([...sources].map(([name, { source }]) => [name, source]));
}

function failuresOf(
  all: readonly { readonly symbol: string; readonly reason: string | null }[],
): StepOutcome["failed"] {
  return all.flatMap(({ symbol, reason }) => reason === null ? [] : [{ symbol, reason }]);
}
