import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { RunSummary } from "../../src/production/run_production.ts";
import { productionSummary, withFolder } from "./cli.ts";
import { writeManifest } from "./manifest.ts";

async function run(
  folder: string,
  profile: Record<string, unknown>,
): Promise<{ readonly summary: RunSummary; readonly path: string }> {
  const manifest = await writeManifest(folder, {
    ...profile,
    backtest: { profiles: ["equal_weight", "min_variance"] },
  });
  const out = join(folder, "out");
  const summary = await productionSummary(["--manifest", manifest, "--out", out]);
  return { summary, path: join(out, "runs", summary.run_id) };
}

const metricsOf = ({ candidates }: RunSummary) =>
  candidates.map(({ profile, metrics }) => [profile, metrics.sharpe, metrics.total_return]);

Deno.test("production selects per window, tells why in an audit file and the report, and holds nothing else", () =>
  withFolder(async (folder) => {
    const { path, summary } = await run(folder, {
      selection: { modes: ["ladder"], min_winners: 6, top_n: 1 },
    });
    const audit = JSON.parse(await Deno.readTextFile(join(path, "reports/selection_audit.json")));
    // 599 returns, 252 of them before the first test, 20 a window.
    assertEquals(audit.decisions.length, 18);
    for (const { candidates, winners } of audit.decisions) {
      assertEquals(candidates.length, 20);
      assert(winners.length >= 6 && winners.length <= 20);
    }
    const report = JSON.parse(await Deno.readTextFile(join(path, "report.json")));
    assertEquals(report.selections[0].decisions, 18);
    for (const { weights } of report.candidates) {
      weights.rows.forEach((row: number[], window: number) => {
        const held = weights.symbols.filter((_: string, i: number) => row[i] !== 0);
        const winners = new Set(audit.decisions[window].winners);
        assert(held.every((symbol: string) => winners.has(symbol)), `window ${window}: ${held}`);
      });
    }
    const html = await Deno.readTextFile(join(path, "report.html"));
    assertStringIncludes(html, "18 selections from training rows alone");
    const ledger = await Deno.readTextFile(join(path, "audit.jsonl"));
    // An intent and an outcome each.
    assertEquals(ledger.match(/"step":"selection"/g)?.length, 36);
    assertEquals(summary.status, "completed");
  }));

Deno.test("atoms of the logic raw come to the same portfolios as the symbols themselves", () =>
  withFolder(async (folder) => {
    const symbols = await run(folder, {});
    const atoms = await run(folder, { synthesis: { enabled: true, logics: ["raw"] } });
    assertEquals(metricsOf(atoms.summary), metricsOf(symbols.summary));
  }));

Deno.test("with short positions and rules, production trades within windows and holds negative weights", () =>
  withFolder(async (folder) => {
    const { path } = await run(folder, {
      selection: { modes: ["ladder"], refresh: "once", directions: ["LONG", "SHORT"] },
      synthesis: { enabled: true, timescales: [10] },
    });
    const audit = JSON.parse(await Deno.readTextFile(join(path, "reports/selection_audit.json")));
    assertEquals(audit.decisions.map(({ window }: { window: number }) => window), [0]);
    const report = JSON.parse(await Deno.readTextFile(join(path, "report.json")));
    for (const { weights } of report.candidates) {
      const all: number[] = weights.rows.flat();
      assert(all.some((weight) => weight < 0) && all.some((weight) => weight > 0));
      for (const row of weights.rows as number[][]) {
        assert(row.reduce((sum, weight) => sum + Math.abs(weight), 0) <= 1 + 1e-9);
      }
    }
  }));

Deno.test("in the mode liquid production holds those that trade most", () =>
  withFolder(async (folder) => {
    const traded = "date,AAPL,XOM,JPM,PG,KO\n2021-01-04,1,5,4,3,0\n2022-06-01,1,5,4,3,0\n";
    await Deno.writeTextFile(join(folder, "traded.csv"), traded);
    const { path } = await run(folder, {
      selection: {
        modes: ["liquid"],
        refresh: "once",
        traded_values: "traded.csv",
        lookback: 1000,
        min_winners: 3,
        max_winners: 3,
      },
      risk: { max_weight: 0.5, cluster_cap: 0.5 },
    });
    const { selections: [selection], parameters } = JSON.parse(
      await Deno.readTextFile(join(path, "report.json")),
    );
    const chosen = selection.assets.filter(({ chosen }: { chosen: number }) => chosen === 1);
    assertEquals(chosen.map(({ symbol }: { symbol: string }) => symbol).sort(), [
      "JPM",
      "PG",
      "XOM",
    ]);
    const named = parameters.find(({ name }: { name: string }) =>
      name === "selection.traded_values"
    );
    assertEquals(named.value, "traded.csv");
  }));
