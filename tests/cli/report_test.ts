import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { renderCharts } from "../../src/report/charts/render_charts.ts";
import { renderComparisonHtml } from "../../src/report/html/comparison_page.ts";
import { renderHtml } from "../../src/report/html/page.ts";
import { renderJson } from "../../src/report/json.ts";
import { renderMarkdown } from "../../src/report/markdown/document.ts";
import { makeReportModel } from "../report/fixture.ts";
import { assertBalanced } from "../report/page_checks.ts";

const COMMAND = fromFileUrl(new URL("../../src/cli/report.ts", import.meta.url));
const MODEL = { ...makeReportModel({ bars: 60, profiles: ["hrp", "herc"] }), runId: "one" };
const OTHER = { ...MODEL, runId: "two", title: "Another" };

async function report(...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", COMMAND, ...args],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

async function withRuns(use: (out: string) => Promise<void>): Promise<void> {
  const out = await Deno.makeTempDir({ prefix: "tradewind-report-" });
  try {
    for (const model of [MODEL, OTHER]) {
      await Deno.mkdir(`${out}/runs/${model.runId}`, { recursive: true });
      await Deno.writeTextFile(`${out}/runs/${model.runId}/report.json`, renderJson(model));
    }
    await use(out);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

Deno.test("report writes the same HTML and Markdown from report.json as the run did", () =>
  withRuns(async (out) => {
    const { code, out: printed } = await report("--", "one", "--out", out, "--json");
    assertEquals(code, 0);
    const { run_id, html, markdown } = JSON.parse(printed);
    assertEquals(run_id, "one");
    assertEquals(await Deno.readTextFile(html), renderHtml(MODEL, await renderCharts(MODEL)));
    assertEquals(await Deno.readTextFile(markdown), renderMarkdown(MODEL));
  }));

Deno.test("report --compare writes both runs side by side and prints what differs", () =>
  withRuns(async (out) => {
    const { code, out: printed } = await report("one", "--compare", "two", "--out", out);
    assertEquals(code, 0);
    assertStringIncludes(printed, "Key metrics side by side");
    assertMatch(printed, /hrp +Total return +\S+% +\S+% +0\.00%/);
    const html = await Deno.readTextFile(`${out}/runs/one/compare-two.html`);
    assertEquals(html, await renderComparisonHtml(MODEL, OTHER));
    assertBalanced(html);
    assertStringIncludes(html, ">one and two</h1>");
    assertStringIncludes(
      await Deno.readTextFile(`${out}/runs/one/compare-two.md`),
      "# one and two",
    );
  }));

Deno.test("report refuses a run that is not there, a file of another schema, and text that is no JSON", () =>
  withRuns(async (out) => {
    const missing = await report("nope", "--out", out);
    assertEquals([missing.code, missing.out], [2, ""]);
    assertStringIncludes(missing.err, "Cannot report on run nope: there is no ");
    const path = `${out}/runs/one/report.json`;
    await Deno.writeTextFile(path, `{"schema": "tradewind/report/0"}`);
    const old = await report("one", "--out", out);
    assertEquals(old.code, 2);
    assertStringIncludes(old.err, `its schema is "tradewind/report/0", this Tradewind knows`);
    await Deno.writeTextFile(path, "{");
    assertStringIncludes((await report("one", "--out", out)).err, "it is no JSON");
  }));
