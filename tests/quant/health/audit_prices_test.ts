import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { isWeekend } from "../../../src/quant/calendars/session_calendar.ts";
import { utcDayNumber } from "../../../src/quant/calendars/utc_day.ts";
import { auditPrices } from "../../../src/quant/health/audit_prices.ts";
import type { SymbolHealth } from "../../../src/quant/health/symbol_health.ts";
import type { Panel } from "../../../src/quant/panel.ts";

const DAY = 86_400;
/** 2024-01-01, a Monday. */
const MONDAY = Date.UTC(2024, 0, 1) / 1000;
const SETTINGS = { minDaysFloor: 10 };

/** A price that never stands still. */
const moving = (row: number) => 100 + (row * 7) % 13 + row / 100;

function panelOf(
  timestampsS: readonly number[],
  columns: Record<string, (row: number) => number>,
): Panel {
  const symbols = Object.keys(columns);
  return {
    symbols,
    timestampsS: Float64Array.from(timestampsS),
    values: Float64Array.from(
      timestampsS.flatMap((_, row) => symbols.map((symbol) => columns[symbol](row))),
    ),
  };
}
const everyDay = (count: number) => Array.from({ length: count }, (_, k) => MONDAY + k * DAY);
const weekdays = (count: number) =>
  everyDay(count * 2).filter((s) => !isWeekend(utcDayNumber(s))).slice(0, count);
const isWeekendRow = (row: number) => row % 7 >= 5;

/** The health of column A beside a whole column, on weekdays. */
function auditOne(price: (row: number) => number, rows = 40): SymbolHealth {
  const panel = panelOf(weekdays(rows), { A: price, whole: moving });
  return auditPrices(panel, "XNYS", SETTINGS)[0];
}

Deno.test("auditPrices() finds nothing on whole prices", () => {
  assertEquals(auditOne(moving), { symbol: "A", status: "OK", reasons: [], quarantined: [] });
});

Deno.test("auditPrices() calls a symbol without a price MISSING", () => {
  const health = auditOne(() => NaN);
  assertEquals(health.status, "MISSING");
  assertEquals(health.reasons, ["There is no price on any of 40 rows."]);
});

Deno.test("auditPrices() drops what is too short, and says by how much", () => {
  const health = auditOne((row) => row < 31 ? NaN : moving(row));
  assertEquals(health.status, "DROPPED");
  assertEquals(health.reasons, ["Prices on 9 days are fewer than the floor of 10."]);
  assertEquals(auditOne((row) => row < 30 ? NaN : moving(row)).status, "OK");
});

Deno.test("auditPrices() drops what has no variance", () => {
  const health = auditOne((row) => 100 * 1.01 ** row);
  assertEquals(health.status, "DROPPED");
  assertEquals(health.reasons, ["The returns of 40 prices have no variance."]);
});

Deno.test("auditPrices() degrades up to 10 % of gaps and drops beyond", () => {
  const degraded = auditOne((row) => row === 5 || (row >= 8 && row < 11) ? NaN : moving(row));
  assertEquals(degraded.status, "DEGRADED (GAPS)");
  assertEquals(degraded.reasons, [
    "4 of 40 sessions (10.0 %) between first and last price have none, in 2 gaps, " +
    "the first on 2024-01-08.",
  ]);
  assertEquals(auditOne((row) => row >= 8 && row < 13 ? NaN : moving(row)).status, "DROPPED");
});

Deno.test("auditPrices() does not count the time before a first price as a gap", () => {
  assertEquals(auditOne((row) => row < 20 ? NaN : moving(row)).status, "OK");
});

Deno.test("auditPrices() calls an exchange's symbol STALE from the sixth session behind", () => {
  const five = auditOne((row) => row >= 35 ? NaN : moving(row));
  assertEquals(five.status, "DEGRADED (GAPS)");
  assertMatch(five.reasons[0], /of 2024-02-16, .* of 2024-02-23: 5 sessions behind\./);
  assertEquals(auditOne((row) => row >= 34 ? NaN : moving(row)).status, "STALE");
});

Deno.test("auditPrices() calls a 24x7 symbol STALE after 24 hours", () => {
  const panel = panelOf(everyDay(30), {
    day: (row) => row >= 29 ? NaN : moving(row),
    twoDays: (row) => row >= 28 ? NaN : moving(row),
    whole: moving,
  });
  const [day, twoDays] = auditPrices(panel, "24x7", SETTINGS);
  assertEquals(day.status, "DEGRADED (GAPS)");
  assertEquals(twoDays.status, "STALE");
  assertMatch(twoDays.reasons[0], /48\.0 hours behind/);
});

Deno.test("auditPrices() of a mixed panel takes an exchange's weekends and holidays as closed", () => {
  // 35 days end on a Sunday; day 14, a Monday, is a holiday on the exchange.
  const isClosed = (row: number) => isWeekendRow(row) || row === 14;
  const panel = panelOf(everyDay(35), {
    coin: moving,
    stock: (row) => isClosed(row) ? NaN : moving(row),
    other: (row) => isClosed(row) || row === 3 ? NaN : moving(row),
  });
  const [coin, stock, other] = auditPrices(panel, "24x7", SETTINGS);
  assertEquals(coin.status, "OK");
  assertEquals(stock.status, "OK (MARKET CLOSED)");
  assertEquals(other.status, "DEGRADED (GAPS)");
  assertMatch(other.reasons.join(" "), /1 of 24 sessions \(4\.2 %\)/);
});

Deno.test("auditPrices() calls a whole exchange STALE that stopped while others went on", () => {
  const panel = panelOf(everyDay(35), {
    coin: moving,
    stock: (row) => isWeekendRow(row) || row > 22 ? NaN : moving(row),
  });
  const [, stock] = auditPrices(panel, "24x7", SETTINGS);
  assertEquals(stock.status, "STALE");
  assertMatch(stock.reasons[0], /8 sessions behind/);
});

Deno.test("auditPrices() quarantines a return beyond 500 % and keeps the symbol", () => {
  const health = auditOne((row) => row === 12 ? 700 : 100 + row % 2);
  assertEquals(health.status, "DEGRADED (GAPS)");
  assertEquals(health.quarantined.map(({ fromRow, toRow }) => [fromRow, toRow]), [[12, 13]]);
  assertMatch(health.reasons[0], /return on 2024-01-17 is 593 % \(from 101 to 700\), beyond 500 %/);
});

Deno.test("auditPrices() quarantines what is no price and counts it as missing", () => {
  const health = auditOne((row) => row === 7 ? 0 : moving(row));
  assertEquals(health.status, "DEGRADED (GAPS)");
  assertEquals(health.quarantined.map(({ fromRow, toRow }) => [fromRow, toRow]), [[7, 8]]);
  assertMatch(health.reasons.join(" "), /1 of 40 sessions .* price on 2024-01-10 is 0;/);
});

Deno.test("auditPrices() remarks three equal closes on an exchange and quarantines ten", () => {
  const flat = (closes: number) =>
    auditOne((row) => row >= 6 && row < 6 + closes ? 100 : 101 + row);
  assertEquals(flat(2).reasons, []);
  assertEquals(flat(3).status, "OK");
  assertEquals(flat(3).reasons, [
    "Remark: 1 runs of 3 or more equal closes, the longest of 3 from 2024-01-09.",
  ]);
  assertEquals(flat(9).quarantined, []);
  const dead = flat(10);
  assertEquals(dead.status, "DEGRADED (GAPS)");
  assertEquals(dead.quarantined, [{
    fromRow: 7,
    toRow: 16,
    reason: "10 equal closes in a row from 2024-01-09 to 2024-01-22.",
  }]);
});

Deno.test("auditPrices() quarantines three equal closes of a market that never closes", () => {
  const panel = panelOf(everyDay(30), { coin: (row) => row >= 4 && row < 7 ? 100 : moving(row) });
  const [coin] = auditPrices(panel, "24x7", SETTINGS);
  assertEquals(coin.status, "DEGRADED (GAPS)");
  assertEquals(coin.quarantined.map(({ fromRow, toRow }) => [fromRow, toRow]), [[5, 7]]);
  const lenient = { ...SETTINGS, flatClosesQuarantined: { "24x5": 10, XNYS: 10, "24x7": 4 } };
  assertEquals(auditPrices(panel, "24x7", lenient)[0].status, "OK");
});

Deno.test("auditPrices() changes no price", () => {
  const panel = panelOf(weekdays(20), { A: (row) => row === 3 ? -1 : row === 5 ? NaN : 7 });
  const before = panel.values.slice();
  const [health] = auditPrices(panel, "XNYS", SETTINGS);
  assert(health.reasons.length > 2, health.reasons.join("\n"));
  assertEquals(panel.values, before);
});

Deno.test("auditPrices() refuses a panel of another shape and a floor that is no number", () => {
  const panel = panelOf(weekdays(20), { A: moving });
  assertThrows(
    () => auditPrices({ ...panel, values: new Float64Array(3) }, "XNYS", SETTINGS),
    RangeError,
    "20 timestamps and 1 symbols need 20 prices, got 3",
  );
  assertThrows(
    () => auditPrices(panel, "XNYS", { minDaysFloor: NaN }),
    RangeError,
    "minDaysFloor must be >= 0: current value is NaN",
  );
});

Deno.test("auditPrices() finds sessions that no row of the panel shows, but not holidays", () => {
  // January 15th was a holiday; the 16th was a session.
  const dates = weekdays(40).filter((s) => s !== MONDAY + 14 * DAY);
  const whole = panelOf(dates, { A: moving });
  assertEquals(auditPrices(whole, "XNYS", SETTINGS)[0].status, "OK");
  const holed = panelOf(dates.filter((s) => s !== MONDAY + 15 * DAY), { A: moving });
  const [health] = auditPrices(holed, "XNYS", SETTINGS);
  assertEquals(health.status, "DEGRADED (GAPS)");
  assertEquals(health.reasons, [
    "1 of 39 sessions (2.6 %) are on no row of a symbol on XNYS, the first 2024-01-16.",
  ]);
});
