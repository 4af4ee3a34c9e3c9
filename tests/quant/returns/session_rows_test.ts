import { assertEquals } from "@std/assert";
import { utcDayNumber } from "../../../src/quant/calendars/utc_day.ts";
import { isWeekend } from "../../../src/quant/calendars/session_calendar.ts";
import { universeSessions } from "../../../src/quant/returns/session_rows.ts";

/** 2024-01-02, a Tuesday, and three weeks on; the 15th was a holiday of XNYS. */
const timestampsS = Float64Array.from({ length: 21 }, (_, k) => Date.UTC(2024, 0, 2 + k) / 1000);
const isSession = (s: number) => !isWeekend(utcDayNumber(s)) && s !== Date.UTC(2024, 0, 15) / 1000;

function panelOf(...columns: ((timestampS: number, row: number) => number)[]) {
  return {
    timestampsS,
    symbols: columns.map((_, col) => `S${col}`),
    values: Float64Array.from(
      [...timestampsS].flatMap((s, row) => columns.map((of) => of(s, row))),
    ),
  };
}
const coin = (_: number, row: number) => 100 + row;
const stock = (s: number, row: number) => isSession(s) ? 50 + row : NaN;

Deno.test("universeSessions() of coins alone are all rows", () => {
  const { calendar, rows } = universeSessions(panelOf(coin, coin), "24x7");
  assertEquals([calendar, rows.length], ["24x7", 21]);
});

Deno.test("universeSessions() of coins and stocks are the sessions of the exchange", () => {
  const { calendar, rows } = universeSessions(panelOf(coin, stock), "24x7");
  assertEquals(calendar, "XNYS");
  assertEquals(rows, [...timestampsS.keys()].filter((row) => isSession(timestampsS[row])));
});

Deno.test("universeSessions() is not decided by symbols without prices, or with few", () => {
  const few = (s: number, row: number) => row < 8 ? stock(s, row) : NaN;
  assertEquals(universeSessions(panelOf(coin, () => NaN, few), "24x7").calendar, "24x7");
  assertEquals(universeSessions(panelOf(() => NaN), "24x7").rows.length, 21);
});
