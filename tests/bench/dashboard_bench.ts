/** How soon the dashboard can be used: `deno run -A tests/bench/dashboard_bench.ts`. From the request for the page to the
 * overview with its nodes and charts, in Chromium, with an empty cache each time; the head has 200 nodes and 100,000
 * tasks. And how long the page is busy at a stretch while one goes from page to page. Prints a row for README.md. */
import { join } from "@std/path";
import { findChromium, openPage } from "../browser/chromium.ts";
import { DESKTOP, Driver } from "../browser/dashboard/driver.ts";
import { SyntheticCluster } from "../browser/dashboard/synthetic_cluster.ts";
import { TOKEN } from "../cluster/head/scripted_worker.ts";
import { withFolder } from "../integration/cli.ts";
import { ROOT } from "../structure/sources.ts";
import { median } from "./engine/statistics.ts";

const ROUNDS = 5;
/** Where one goes, and what is there then. */
const PLACES = [
  ["#/tasks", `document.querySelector(".virtual")?.getAttribute("aria-rowcount") === "100001"`],
  [
    "#/runs/nightly-2026-11-23/timeline",
    `document.querySelectorAll(".gantt-labels a").length === 200`,
  ],
  ["#/nodes", `document.querySelectorAll("tbody tr").length === 200`],
  ["#/", `document.querySelector(".node-grid .cell")`],
] as const;

async function main(): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined) throw new Error("Cannot measure the dashboard: there is no Chromium");
  await withFolder((stateDir) => measure(chromium, stateDir));
}

async function measure(chromium: string, stateDir: string): Promise<void> {
  await using cluster = new SyntheticCluster({ stateDir, token: TOKEN });
  await cluster.fill({ nodes: 200, ended: 6_000, waiting: 100_000 });
  const times: number[] = [];
  const busyMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using page = await openPage(chromium);
    const driver = new Driver(page);
    await page.open(`${cluster.head.url}/dashboard#token=${encodeURIComponent(TOKEN)}`, DESKTOP);
    await driver.until(`document.querySelector(".node-grid .cell")`);
    // Since the navigation began, as the page's own clock has it.
    times.push(await page.evaluate<number>("performance.now()"));
    await page.evaluate(
      `window.longestMs = 0; new PerformanceObserver((list) => { for (const { duration } of list.getEntries())
        longestMs = Math.max(longestMs, duration); }).observe({ type: "longtask", buffered: true }); 0`,
    );
    for (const [hash, isThere] of PLACES) {
      await driver.go(hash);
      await driver.until(isThere);
    }
    busyMs.push(await page.evaluate<number>("longestMs"));
  }
  const bytes = [...Deno.readDirSync(join(ROOT, "cluster/head/dashboard/assets"))].reduce(
    (sum, { name }) => sum + Deno.statSync(join(ROOT, "cluster/head/dashboard/assets", name)).size,
    0,
  );
  await Deno.stdout.write(new TextEncoder().encode(
    `| 200 nodes, 100,000 tasks | ${Math.round(median(times))} ms | ${
      Math.round(median(busyMs))
    } ms | ${Math.round(bytes / 1e3)} kB |\n`,
  ));
}

if (import.meta.main) await main();
