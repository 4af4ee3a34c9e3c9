import { assertEquals } from "@std/assert";
import { findPanelGaps, findSeriesGaps } from "../../../src/quant/calendars/gaps.ts";

const DAY = 86_400;
const day = (date: string) => Date.parse(date) / 1000;

Deno.test("findPanelGaps() on 24x7 finds every spacing of more than 1.5 bars", () => {
  assertEquals(findPanelGaps([0, 1, 2.5, 3.5, 5.1].map((k) => k * DAY), "24x7"), [
    { fromRow: 3, toRow: 5 },
  ]);
  assertEquals(findPanelGaps([0], "24x7"), []);
});

Deno.test("findPanelGaps() on XNYS takes a long weekend as closed and a missing week as a gap", () => {
  // Good Friday 2023-04-07 makes Thursday to Monday 4 days; then Tuesday to the Monday after is 6.
  const rows = ["2023-04-03", "2023-04-04", "2023-04-05", "2023-04-06", "2023-04-10", "2023-04-11"];
  assertEquals(findPanelGaps(rows.map(day), "XNYS"), []);
  assertEquals(findPanelGaps([...rows, "2023-04-17"].map(day), "XNYS"), [{ fromRow: 5, toRow: 7 }]);
});

Deno.test("findPanelGaps() on XNYS finds a hole within a session, not the night after it", () => {
  const open = day("2023-04-03T13:30:00Z");
  const bars = [0, 1, 2, 4, 5].map((k) => open + k * 3600);
  const nextDay = bars.map((bar) => bar + DAY);
  assertEquals(findPanelGaps([...bars, nextDay[0], nextDay[0] + 3600], "XNYS"), [
    { fromRow: 2, toRow: 4 },
  ]);
});

Deno.test("findPanelGaps() on XNYS finds one missing session, beside a weekend or not", () => {
  const rows = ["2023-04-03", "2023-04-04", "2023-04-06", "2023-04-11", "2023-04-12"].map(day);
  assertEquals(findPanelGaps(rows, "XNYS"), [{ fromRow: 1, toRow: 3 }, { fromRow: 2, toRow: 4 }]);
});

Deno.test("findPanelGaps() on 24x5 takes the weekend as closed, and nothing else", () => {
  const daily = ["2024-07-03", "2024-07-04", "2024-07-05", "2024-07-08", "2024-07-10"].map(day);
  assertEquals(findPanelGaps(daily, "24x5"), [{ fromRow: 3, toRow: 5 }]);
  const friday = day("2024-07-05T18:00:00Z");
  const sunday = day("2024-07-07T21:00:00Z");
  const hourly = [0, 1, 2].map((k) => friday + k * 3600)
    .concat([0, 1, 2, 5].map((k) => sunday + k * 3600));
  assertEquals(findPanelGaps(hourly, "24x5"), [{ fromRow: 5, toRow: 7 }]);
});

Deno.test("findPanelGaps() does not take weekly bars as gaps", () => {
  assertEquals(findPanelGaps([0, 7, 14, 21].map((k) => k * DAY), "XNYS"), []);
});

Deno.test("findSeriesGaps() finds runs between first and last value, on session rows alone", () => {
  const values = [NaN, 1, NaN, NaN, 4, NaN, 6, 7, NaN];
  const hasValue = (row: number) => !Number.isNaN(values[row]);
  assertEquals(findSeriesGaps(hasValue, [0, 1, 2, 3, 4, 5, 6, 7, 8]), [
    { fromRow: 2, toRow: 4 },
    { fromRow: 5, toRow: 6 },
  ]);
  assertEquals(findSeriesGaps(hasValue, [0, 1, 3, 4, 6, 7, 8]), [{ fromRow: 3, toRow: 4 }]);
  assertEquals(findSeriesGaps(() => false, [0, 1, 2]), []);
});
