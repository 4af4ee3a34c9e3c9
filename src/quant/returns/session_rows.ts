import { CALENDAR_IDS, type CalendarId } from "../calendars/session_calendar.ts";
import { marketsOf } from "../health/markets.ts";
import type { Panel } from "../panel.ts";

/** The sessions that all symbols of a universe can trade on. */
export interface UniverseSessions {
  /** The calendar with the fewest sessions of those that symbols follow. */
  readonly calendar: CalendarId;
  /** Rows of the prices on which any symbol of that calendar has one, rising. */
  readonly rows: readonly number[];
}

/** Two weeks of sessions: fewer prices may lack a weekend by chance, and then decide nothing. */
const LEAST_PRICES = 10;

/** Finds the sessions of a universe: with stocks among coins, those of the exchange.
 * @param calendar of the panel's dates, for a universe whose symbols all have too few prices to tell
 * @returns all rows when no symbol has at least 10 prices */
export function universeSessions(prices: Panel, calendar: CalendarId): UniverseSessions {
  const markets = marketsOf(prices, calendar).filter(({ priceRows }) =>
    priceRows.length >= LEAST_PRICES
  );
  for (const id of CALENDAR_IDS) {
    const market = markets.find((one) => one.calendar === id);
    if (market !== undefined) return { calendar: id, rows: market.sessionRows };
  }
  return { calendar, rows: Array.from(prices.timestampsS.keys()) };
}
