import { inferCalendar } from "../calendars/infer_calendar.ts";
import { CALENDAR_IDS, type CalendarId } from "../calendars/session_calendar.ts";
import type { Panel } from "../panel.ts";
import { isPrice } from "./toxic_rows.ts";

/** The market of one symbol, as the panel shows it. */
export interface Market {
  /** The calendar that its rows follow. */
  readonly calendar: CalendarId;
  /** Rows on which the symbol has a price, rising. */
  readonly priceRows: readonly number[];
  /** Rows on which any symbol of the same calendar has a price, rising. */
  readonly sessionRows: readonly number[];
}

/** Finds the market of every symbol: in an "XNYS" panel all are on XNYS, in others each is told
 * by its own timestamps, if it has at least two. */
export function marketsOf(prices: Panel, calendar: CalendarId): Market[] {
  const { timestampsS, symbols, values } = prices;
  const cols = symbols.length;
  const priceRowsOf = symbols.map((_, col) => {
    const rows: number[] = [];
    for (let row = 0; row < timestampsS.length; row++) {
      if (isPrice(values[row * cols + col])) rows.push(row);
    }
    return rows;
  });
  const calendars = priceRowsOf.map((rows) =>
    calendar === "XNYS" || rows.length < 2
      ? calendar
      : inferCalendar(rows.map((row) => timestampsS[row]))
  );
  const sessionRowsOf = new Map(CALENDAR_IDS.map((id) => [
    id,
    sessionRows(timestampsS.length, priceRowsOf.filter((_, i) => calendars[i] === id)),
  ]));
  return calendars.map((id, col) => ({
    calendar: id,
    priceRows: priceRowsOf[col],
    sessionRows: sessionRowsOf.get(id) ?? [],
  }));
}

function sessionRows(rows: number, priceRowsOf: readonly (readonly number[])[]): number[] {
  const isSession = new Uint8Array(rows);
  for (const priceRows of priceRowsOf) for (const row of priceRows) isSession[row] = 1;
  return Array.from(isSession.keys()).filter((row) => isSession[row] === 1);
}
