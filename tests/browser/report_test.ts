import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { toFileUrl } from "@std/path";
import { renderCharts } from "../../src/report/charts/render_charts.ts";
import { renderHtml } from "../../src/report/html/page.ts";
import { makeReportModel } from "../report/fixture.ts";
import { type BrowserPage, findChromium, openPage, type PageView } from "./chromium.ts";

const CHROMIUM = findChromium();
const WHY_SKIPPED = CHROMIUM === undefined
  ? " (skipped: no Chromium; set TV_TEST_CHROMIUM to its path)"
  : "";
const DESKTOP: PageView = { widthPx: 1440, heightPx: 900, scheme: "light" };
const TELEPHONE: PageView = { widthPx: 390, heightPx: 844, scheme: "dark" };

Deno.test({
  name:
    `A report opens in Chromium without complaints, shows its charts and obeys the keyboard${WHY_SKIPPED}`,
  ignore: CHROMIUM === undefined,
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "tradewind-report-" });
    try {
      const model = makeReportModel({
        bars: 600,
        profiles: ["hrp", "min_variance", "<script>alert(1)</script>"],
      });
      await Deno.writeTextFile(
        `${folder}/report.html`,
        renderHtml(model, await renderCharts(model)),
      );
      await using page = await openPage(CHROMIUM ?? "");
      const url = toFileUrl(`${folder}/report.html`).href;
      await page.open(url, DESKTOP);
      await t.step("it asks for nothing but itself", () => assertEquals(page.requests, [url]));
      await t.step("its charts have a size", () => checkCharts(page, "wide", 700));
      await t.step("pointing at a day shows its values", () => checkTips(page));
      await t.step("its tabs follow the arrow keys", () => checkTabs(page));
      await t.step("it fits a telephone, in the dark", () => checkTelephone(page));
      await t.step("it prints every weights chart", () => checkPrint(page));
      assertEquals(page.complaints, []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** The widths of the visible drawings of a variant, in pixels. */
function visibleWidths(page: BrowserPage, variant: string): Promise<number[]> {
  return page.evaluate(
    `[...document.querySelectorAll("svg.${variant}")].map((svg) => svg.getBoundingClientRect())
      .filter(({ width, height }) => width > 0 && height > 100).map(({ width }) => width)`,
  );
}

async function checkCharts(page: BrowserPage, variant: string, least: number): Promise<void> {
  const widths = await visibleWidths(page, variant);
  // Four over time, weights, turnover, costs, clusters, regimes.
  assertEquals(widths.length, 9);
  for (const width of widths) assertGreater(width, least);
}

async function checkTips(page: BrowserPage): Promise<void> {
  const shown = () =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll("svg.wide .tip text, svg.wide .panel text")]
        .filter((text) => getComputedStyle(text).visibility === "visible" && text.getBoundingClientRect().width > 0)
        .map((text) => text.textContent)`,
    );
  assertEquals(await shown(), []);
  const [x, y] = await page.evaluate<number[]>(
    `(() => {
      const chart = document.querySelector("figure svg.wide");
      chart.scrollIntoView({ block: "center", behavior: "instant" });
      const { left, top, width, height } = chart.getBoundingClientRect();
      return [left + 0.25 * width, top + 0.5 * height];
    })()`,
  );
  await page.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  const [names = "", values = ""] = await shown();
  assertStringIncludes(names, "min_variance");
  assertMatch(values, /^20\d\d-\d\d-\d\d(\d+\.\d\d×)+$/);
  await page.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: 1, y: 1 });
  assertEquals(await shown(), []);
}

/** The headings of the weights panels that are visible. */
function openPanels(page: BrowserPage): Promise<string[]> {
  return page.evaluate(
    `[...document.querySelectorAll(".panels > figure")].filter((f) => f.offsetHeight > 0)
      .map((f) => f.querySelector("h3").textContent)`,
  );
}

async function checkTabs(page: BrowserPage): Promise<void> {
  const labels = await page.evaluate<string[]>(
    `[...document.querySelectorAll(".tabs > label")].map((label) => label.textContent)`,
  );
  assertEquals(labels.length, 3);
  assertEquals(await openPanels(page), labels.slice(0, 1));
  for (let steps = 0; steps < 40; steps++) {
    await page.press("Tab");
    if (await page.evaluate(`document.activeElement.id === "weights-tab-0"`)) break;
  }
  await page.press("ArrowRight");
  assertEquals(await openPanels(page), labels.slice(1, 2));
  await page.press("ArrowRight");
  assertEquals(await openPanels(page), labels.slice(2, 3));
  await page.press("ArrowLeft");
  assertEquals(await openPanels(page), labels.slice(1, 2));
  const outline = await page.evaluate<string>(
    `getComputedStyle(document.querySelector(".tabs > input:checked + label")).outlineStyle`,
  );
  assertEquals(outline, "solid");
}

async function checkTelephone(page: BrowserPage): Promise<void> {
  await page.show(TELEPHONE);
  const [contentPx = 0, windowPx = 0] = await page.evaluate<number[]>(
    `[document.documentElement.scrollWidth, innerWidth]`,
  );
  assertEquals(windowPx, TELEPHONE.widthPx);
  assertLessOrEqual(contentPx, windowPx);
  await checkCharts(page, "narrow", 300);
  assertEquals(await visibleWidths(page, "wide"), []);
  const background = await page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);
  assertEquals(background, "rgb(18, 22, 27)");
}

async function checkPrint(page: BrowserPage): Promise<void> {
  await page.show(DESKTOP);
  await page.send("Emulation.setEmulatedMedia", { media: "print" });
  assertEquals((await openPanels(page)).length, 3);
  const pdf = await page.print();
  assert(new TextDecoder("latin1").decode(pdf.subarray(0, 5)) === "%PDF-");
}
