import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderMarkdown } from "../../../src/report/markdown/document.ts";
import { escapeMarkdown } from "../../../src/report/markdown/text.ts";
import { makeReportModel } from "../fixture.ts";

const TEXT = renderMarkdown(makeReportModel({ bars: 300 }));

Deno.test("renderMarkdown() gives every row of a table as many cells as its heading", () => {
  const tables = TEXT.split("\n\n").filter((block) => block.startsWith("|"));
  assertEquals(tables.length, 12);
  for (const table of tables) {
    const counts = table.trimEnd().split("\n").map((line) => line.split(/(?<!\\)\|/).length);
    assertEquals(new Set(counts).size, 1, table);
  }
});

Deno.test("renderMarkdown() has notices, provenance, findings and remarks", () => {
  for (
    const text of [
      "> **Note:** The prices are synthetic",
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "| WMT | DEGRADED \\(GAPS\\) | 3 gaps, the longest 4 sessions |",
      "- max\\_sharpe: Window 31",
      "| risk\\.max\\_weight | 0.15 |".replace("\\.", "."),
    ]
  ) assertStringIncludes(TEXT, text);
});

Deno.test("renderMarkdown() keeps a hostile name in its cell and out of the markup", () => {
  const evil = "<script>x</script>|\n# [a](javascript:b) `c`";
  const text = renderMarkdown(
    makeReportModel({ bars: 30, profiles: [evil, "hrp"], notices: [evil] }),
  );
  assertEquals(text.match(/(?<!\\)</g), null);
  assert(text.split("\n").every((line) => !line.startsWith("# [")));
  assertEquals(escapeMarkdown("a|b\n*c*"), "a\\|b \\*c\\*");
});

Deno.test("renderMarkdown() says who was chosen and why the others were not, and nothing where all were taken", () => {
  for (
    const text of [
      "Mode ladder: 10 selections from training rows alone, 3 to 10 winners each",
      "\\(by step: 80 strict, 5 relaxed\\). From one selection to the next, 75 % of the symbols stay.",
      "Every decision, with its features and scores: reports/selection\\_audit.json.",
      "| AAPL | 10 of 10 | LONG | 0.700 | 0 | score 0.700, among the best |",
      "| MSFT | 0 of 10 | – | 0.300 | 1 | score 0.300 is below \\<0.5\\> |",
      "| F | 0 of 0 | – | – | – | never had a return on every row |",
    ]
  ) assertStringIncludes(TEXT, text);
  const baseline = renderMarkdown({ ...makeReportModel({ bars: 300 }), selections: [] });
  assert(!baseline.includes("## Selection"));
});
