import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatTimestampS, parseTimestampS } from "../../src/lakehouse/timestamp_text.ts";

const noonS = Date.UTC(2020, 0, 31, 12) / 1000;

Deno.test("parseTimestampS() reads a date as midnight UTC", () => {
  assertEquals(parseTimestampS("2020-01-31"), Date.UTC(2020, 0, 31) / 1000);
  assertEquals(parseTimestampS("20200131"), Date.UTC(2020, 0, 31) / 1000);
});

Deno.test("parseTimestampS() turns every spelling of an instant into the same UTC second", () => {
  const spellings = [
    "2020-01-31T12:00:00Z",
    "2020-01-31 12:00",
    "2020-01-31T12:00:00.250Z",
    "2020-01-31T14:00:00+02:00",
    "2020-01-31 07:00:00-0500",
    "2020-01-31T23:30+1130",
    "2020-01-31 12:00:00 UTC",
    String(noonS),
    String(noonS * 1e3),
    `${noonS}000000`,
    `${noonS}000000000`,
  ];
  for (const text of spellings) assertEquals(parseTimestampS(text), noonS, text);
});

Deno.test("parseTimestampS() refuses days that no month has and what is no time", () => {
  const wrong = [
    "2020-02-30",
    "2020-13-01",
    "2021-02-29",
    "2020-01-01T24:00Z",
    "01/02/2020",
    "12.5",
    "",
    "100",
  ];
  for (const text of wrong) assertEquals(parseTimestampS(text), NaN, text);
});

Deno.test("parseTimestampS() reads back what formatTimestampS() writes", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) => {
    assertEquals(parseTimestampS(formatTimestampS(seconds)), seconds);
  }));
});
