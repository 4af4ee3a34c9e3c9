import type { PinnedVersion } from "../../lakehouse/pinned_version.ts";
import { withLakehouse } from "../../lakehouse/place.ts";
import { readPanel } from "../../lakehouse/prices/read_panel.ts";
import { task } from "../../flow/mod.ts";
import { inferCalendar } from "../../quant/calendars/infer_calendar.ts";
import type { CalendarId } from "../../quant/calendars/session_calendar.ts";
import { auditPrices } from "../../quant/health/audit_prices.ts";
import type { SymbolHealth } from "../../quant/health/symbol_health.ts";

/** Which prices are looked at. */
export interface PriceSelection {
  /** Where the lakehouse is: a folder, or a URL of S3. */
  readonly lakehouse: string;
  /** Reads of S3 what the cache of this machine has; default: no. */
  readonly isOffline?: boolean;
  /** Of the bars; default: daily ones. */
  readonly interval?: string;
  /** Of which version of the lakehouse; default: the newest one. */
  readonly pinned?: PinnedVersion;
  /** Of the file that the tables were written from. */
  readonly sourceSha256?: string;
  /** Of the tables themselves, where they come from many sources; one of the two is always there. */
  readonly tablesSha256?: string;
  readonly symbols: readonly string[];
  /** Rows of the union of dates, counted back from the last. */
  readonly lastRows: number;
}

/** What an audit found. */
export interface Audit {
  /** As it was given, or as the dates of the prices tell. */
  readonly calendar: CalendarId;
  /** One a symbol, in their order. */
  readonly health: readonly SymbolHealth[];
}

/** Checks the prices of every candidate. */
export const auditCandidates = task(
  "audit-candidates",
  async (
    prices: PriceSelection,
    wanted: CalendarId | "auto",
    minDaysFloor: number,
  ): Promise<Audit> => {
    const panel = await withLakehouse(
      prices.lakehouse,
      (lake) => readPanel(lake, prices.symbols, prices),
      prices,
    );
    const calendar = wanted === "auto" ? inferCalendar(panel.timestampsS) : wanted;
    return { calendar, health: auditPrices(panel, calendar, { minDaysFloor }) };
  },
  { run: "local", module: import.meta.url },
);
