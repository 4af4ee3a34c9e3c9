import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderCharts } from "../../../src/report/charts/render_charts.ts";
import { renderHtml } from "../../../src/report/html/page.ts";
import { renderMarkdown } from "../../../src/report/markdown/document.ts";
import type { ArtifactReport } from "../../../src/report/model/artifacts.ts";
import { makeReportModel } from "../fixture.ts";
import { assertBalanced } from "../page_checks.ts";

const SMALL = makeReportModel({ bars: 60, profiles: ["hrp"] });
const CHARTS = await renderCharts(SMALL);

const EACH: readonly ArtifactReport[] = [
  {
    task: "fit",
    title: "Windows",
    type: "table",
    columns: ["window", "rank"],
    rows: [["2", 40], ["3", -1]],
  },
  { task: null, title: "Notes", type: "markdown", text: "# Head\n\n**bold** and `code`\n\n- one" },
  { task: "fit", title: "Source", type: "link", url: "https://example.org/prices" },
  { task: "fit", title: "Rows", type: "progress", fraction: 0.5 },
  { task: "fit", title: "A dot", type: "image", mediaType: "image/png", base64: "AAAA" },
];

/** The page and the Markdown of a model with these artifacts. */
function rendered(artifacts: readonly ArtifactReport[]): readonly [html: string, text: string] {
  const model = { ...SMALL, artifacts };
  return [renderHtml(model, CHARTS), renderMarkdown(model)];
}

Deno.test("renderHtml() shows artifacts of every kind, each with its task", () => {
  const [page] = rendered(EACH);
  assertBalanced(page);
  for (
    const part of [
      '<span class="limit">fit</span>',
      '<td class="num">−1</td>',
      "<h4>Head</h4>",
      "<strong>bold</strong> and <code>code</code>",
      "<li>one</li>",
      '<a href="https://example.org/prices" target="_blank" rel="noreferrer">',
      "50% done",
      '<img alt="A dot" src="data:image/png;base64,AAAA">',
    ]
  ) assertStringIncludes(page, part);
});

Deno.test("renderHtml() has no section of artifacts where there are none", () => {
  const [page, text] = rendered([]);
  assert(!page.includes("artifacts-title"));
  assert(!text.includes("## Artifacts"));
});

Deno.test("Markdown of users brings no element and no address but those of the web", () => {
  const hostile =
    "See <script>alert(1)</script> [a](javascript:alert(1)) [b](data:text/html,x) ![c](https://x.example/i.png) <img src=x onerror=alert(1)>\n\n<div onclick=alert(1)>\n\n| <b>h</b> |\n| --- |\n| <i onload=x> |";
  const [page] = rendered([{ task: null, title: "<b>t</b>", type: "markdown", text: hostile }]);
  assertBalanced(page);
  const section = page.slice(page.indexOf('id="artifacts-title"'));
  assertEquals(section.match(/<(?:script|img|div on|i |b>|iframe)/g), null);
  const addresses = [...section.matchAll(/href="([^"]*)"/g)].map(([, address]) => address);
  assertEquals(addresses, ["https://x.example/i.png"]);
});

Deno.test("renderMarkdown() quotes what users wrote, so that its headings are not the report's", () => {
  const [, text] = rendered(EACH);
  const section = text.slice(text.indexOf("## Artifacts"));
  assertStringIncludes(section, "### Notes\n\n> # Head\n>\n> **bold**");
  assertStringIncludes(section, "### Windows \\(fit\\)");
  assertStringIncludes(section, "<https://example.org/prices>");
  assertStringIncludes(section, "50% done");
  const [, hostile] = rendered([
    { task: null, title: "x", type: "markdown", text: "<script>" },
    { task: null, title: "y", type: "link", url: "https://x.example/><script>" },
  ]);
  assert(!/(?<!\\)<script/.test(hostile.slice(hostile.indexOf("## Artifacts"))));
});

Deno.test("a page stays bounded: of many artifacts and of long tables it shows the first, and says so", () => {
  const rows = Array.from({ length: 500 }, (_, i) => [i]);
  const many = Array.from({ length: 100 }, (): ArtifactReport => ({
    task: null,
    title: "t",
    type: "table",
    columns: ["i"],
    rows,
  }));
  const [page] = rendered(many);
  assertStringIncludes(page, "40 more are in report.json.");
  assertStringIncludes(page, "The first 100 of 500 rows");
});
