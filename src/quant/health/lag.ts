import { observedCalendar } from "../calendars/session_calendar.ts";
import { utcDate, utcDayNumber } from "../calendars/utc_day.ts";
import type { Panel } from "../panel.ts";
import type { Market } from "./markets.ts";
import type { AuditLimits } from "./symbol_health.ts";

/** How far a symbol's last price is behind the panel's last row. */
export interface Lag {
  /** "closed" is behind without a session since, "behind" is a lag short of "stale". */
  readonly state: "current" | "closed" | "behind" | "stale";
  /** One sentence, none when current. */
  readonly reasons: readonly string[];
}

/** Compares a symbol's last price with the panel's last row. The market must have a price. */
export function findLag(prices: Panel, market: Market, limits: AuditLimits): Lag {
  const { timestampsS } = prices;
  const { priceRows, sessionRows, calendar } = market;
  const lastS = timestampsS[priceRows[priceRows.length - 1]];
  const panelLastS = timestampsS[timestampsS.length - 1];
  if (lastS === panelLastS) return { state: "current", reasons: [] };

  const sessions = observedCalendar(
    calendar,
    sessionRows.map((row) => timestampsS[row]),
  );
  const sessionsBehind = sessions.sessionsBetween(utcDayNumber(lastS), utcDayNumber(panelLastS));
  const hasLaterBars = sessionRows[sessionRows.length - 1] > priceRows[priceRows.length - 1];
  const where = `The last price is of ${utcDate(lastS)}, the panel's last row of ` +
    `${utcDate(panelLastS)}`;
  if (calendar === "24x7") {
    const hoursBehind = (panelLastS - lastS) / 3600;
    const state = panelLastS - lastS > limits.staleAfterS ? "stale" : "behind";
    return { state, reasons: [`${where}: ${hoursBehind.toFixed(1)} hours behind.`] };
  }
  if (sessionsBehind === 0 && !hasLaterBars) {
    return { state: "closed", reasons: [`${where}, with no session between.`] };
  }
  const state = sessionsBehind > limits.staleAfterSessions ? "stale" : "behind";
  return { state, reasons: [`${where}: ${sessionsBehind} sessions behind.`] };
}
