import { assertEquals } from "@std/assert";
import {
  formatDay,
  formatDecimal,
  formatMetric,
  formatPercent,
} from "../../../src/report/text/format.ts";
import { escapeHtml, html, trusted } from "../../../src/report/html/markup.ts";

Deno.test("formatDecimal() groups thousands, uses a true minus and no negative zero", () => {
  assertEquals(
    [0, -0.004, 1234567.891, -1234.5, 999.995, 0.125].map((value) => formatDecimal(value, 2)),
    [
      "0.00",
      "0.00",
      "1,234,567.89",
      "−1,234.50",
      "1,000.00",
      "0.13",
    ],
  );
  assertEquals([NaN, Infinity, -Infinity, 1e21].map((value) => formatDecimal(value, 2)), [
    "–",
    "∞",
    "−∞",
    "1.00e+21",
  ]);
});

type Value = number | string | null;
type Unit = "percent" | "ratio" | "count" | "date";

Deno.test("formatMetric() writes each unit in its way and a dash for what is missing", () => {
  const shown = (value: Value, unit: Unit): string =>
    formatMetric({ metrics: { m: value }, timestampsS: [0, 1584921600] }, { name: "m", unit });
  assertEquals(shown(0.1234, "percent"), "12.34%");
  assertEquals(shown(-0.5, "ratio"), "−0.50");
  assertEquals(shown(1764, "count"), "1,764");
  assertEquals(shown(12.5, "count"), "12.5");
  assertEquals(shown("2020-03-23", "date"), "2020-03-23");
  assertEquals(shown(1, "date"), "2020-03-23");
  for (const missing of [null, NaN, ""]) assertEquals(shown(missing, "percent"), "–");
  for (const noBar of [NaN, -1, 2]) assertEquals(shown(noBar, "date"), "–");
  assertEquals(formatMetric({ metrics: {}, timestampsS: [] }, { name: "m", unit: "ratio" }), "–");
});

Deno.test("formatPercent() puts no sign behind a dash", () => {
  assertEquals(formatPercent(NaN, 1), "–");
});

Deno.test("formatDay() gives a dash for a time that no calendar has", () => {
  assertEquals(formatDay(NaN), "–");
  assertEquals(formatDay(1e20), "–");
});

Deno.test("html escapes all values but markup", () => {
  const inner = html`<b title="${`"'&`}">${"<i>"}</b>`;
  assertEquals(inner.markup, `<b title="&quot;&#39;&amp;">&lt;i&gt;</b>`);
  assertEquals(html`${[inner, trusted("<hr>")]}${1.5}`.markup, `${inner.markup}<hr>1.5`);
});

Deno.test("escapeHtml() replaces characters that no document may hold", () => {
  assertEquals(escapeHtml("a\u0000b\u001bc\td"), "a\ufffdb\ufffdc\td");
});
