import { assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { openRunViews } from "../../src/flow/mod.ts";
import { type Column, numbersOf } from "../../src/lakehouse/columns.ts";
import { readColumns, writeColumns } from "../../src/lakehouse/parquet/parquet_file.ts";
import { verifyLedger } from "../../src/ledger/mod.ts";
import type { MetaSummary } from "../../src/production/meta/run_meta.ts";
import type { Replay } from "../../src/production/replay/replay_run.ts";
import { readRecordedRun } from "../../src/production/replay/recorded_run.ts";
import { ROOT } from "../structure/sources.ts";
import {
  type CommandResult,
  production,
  productionSummary,
  RunningCommand,
  withFolder,
} from "./cli.ts";
import { CommandCluster } from "./command_cluster.ts";
import { US_LARGE_CAP } from "./manifest.ts";

const CRYPTO = join(ROOT, "testdata/crypto_synthetic.parquet");

const PROFILES = {
  stocks: {
    prices: US_LARGE_CAP,
    data: { lookback_days: 360, min_days_floor: 320 },
    backtest: { train: 120, test: 20, step: 20, profiles: ["equal_weight", "min_variance"] },
  },
  coins: {
    prices: CRYPTO,
    synthetic: true,
    data: { lookback_days: 360, min_days_floor: 90 },
    risk: { cluster_lookbacks: [20] },
    backtest: { train: 20, test: 20, step: 20, profiles: ["equal_weight", "hrp"] },
  },
};

const META_PROFILES = {
  both: {
    meta: { profiles: ["hrp", "equal_weight"], train: 60, step: 20, max_weight: 0.8 },
    sleeves: [{ id: "stocks", meta_profile: "two_ways" }, { id: "coins", profile: "coins" }],
  },
  two_ways: {
    meta: { train: 40, step: 20 },
    sleeves: [
      { id: "even", profile: "stocks", candidate: { profile: "equal_weight" } },
      { id: "calm", profile: "stocks", candidate: { profile: "min_variance" } },
    ],
  },
};

/** Writes a manifest of two profiles; what is given goes over its parts. */
async function writeMeta(
  folder: string,
  parts: { profiles?: object; meta_profiles?: object } = {},
): Promise<string> {
  const path = join(folder, "meta.jsonc");
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      default_profile: "stocks",
      profiles: { ...PROFILES, ...parts.profiles },
      default_meta_profile: "both",
      meta_profiles: { ...META_PROFILES, ...parts.meta_profiles },
    }),
  );
  return path;
}

async function meta(...args: string[]): Promise<CommandResult> {
  return await new RunningCommand("meta", args).result();
}

/** Runs `meta` to its end, which has to be a good one. */
async function metaSummary(...args: string[]): Promise<MetaSummary> {
  const { code, stdout, stderr } = await meta(...args, "--json");
  if (code !== 0) throw new Error(`meta ${args.join(" ")} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}

Deno.test("a meta-portfolio of a nested one and coins: every sleeve is a run, and ledgers name each other's heads", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const remote = join(folder, "remote");
    const manifest = await writeMeta(folder, {
      profiles: { coins: { ...PROFILES.coins, storage: { remote } } },
    });
    const summary = await metaSummary("--manifest", manifest, "--out", out, "--run-id", "m");
    assertEquals(summary.sleeves.map(({ id, run_id, status }) => [id, run_id, status]), [
      ["stocks", "m-stocks", "completed"],
      ["coins", "m-coins", "completed"],
    ]);
    // Without a choice: hrp, wherever it stands in the grid and whatever came of it.
    assertEquals(summary.sleeves.map(({ candidate }) => candidate?.profile), ["hrp", "hrp"]);
    // The two ways to hold stocks share one run.
    const runs = [...Deno.readDirSync(`${out}/runs`)].filter(({ isDirectory }) => isDirectory);
    assertEquals(runs.map(({ name }) => name).sort(), [
      "m",
      "m-coins",
      "m-stocks",
      "m-stocks-even",
    ]);
    for (const { run_id, ledger_hash } of summary.sleeves) {
      const verdict = await verifyLedger(`${out}/runs/${run_id}/audit.jsonl`);
      assertEquals([verdict.ok, verdict.headHash], [true, ledger_hash]);
    }
    const { steps } = await readRecordedRun(`${out}/runs/m/audit.jsonl`);
    const sleeves = steps.filter(({ step }) => step === "sleeve");
    assertEquals(
      sleeves.map(({ outputs }) => (outputs as { ledger: string }).ledger).sort(),
      summary.sleeves.map(({ ledger_hash }) => ledger_hash).sort(),
    );
    assertEquals(steps.every(({ status }) => status === "completed"), true);
    assertEquals(await Deno.readLink(`${out}/runs/latest`), "m");
    await checkHoldings(out, summary);
    checkViews(out);
    for (const file of ["report.html", "report.md", "report.json", "metrics.json"]) {
      assertEquals((await Deno.stat(`${out}/runs/m/${file}`)).isFile, true);
    }
    assertStringIncludes(await Deno.readTextFile(`${out}/runs/m/report.html`), "synthetic");

    // What a remote holds is a run that `production --resume` could go on with elsewhere.
    assertEquals((await Deno.stat(`${remote}/runs/m-coins/index.json`)).isFile, true);
    // The same again on a head and a worker of their own, with nothing in the cache.
    const cluster = new CommandCluster(join(folder, "other"));
    await cluster.startHead("0");
    await cluster.startWorker();
    const again = await metaSummary(
      ...["--manifest", manifest, "--out", join(folder, "other", "out"), "--run-id", "m"],
      ...cluster.flags,
    );
    assertEquals(again.result_hash, summary.result_hash);
    await cluster.stop();
  }));

/** Runs of sleeves are children of the meta-portfolio's, with tables for people. */
function checkViews(out: string): void {
  using opened = openRunViews(`${out}/flow.db`);
  const { views } = opened;
  const childrenOf = (parentRunId: string) => views.list({ parentRunId }).map(({ runId }) => runId);
  assertEquals(childrenOf("m").sort(), ["m-coins", "m-stocks"]);
  assertEquals(childrenOf("m-stocks"), ["m-stocks-even"]);
  assertEquals(
    views.artifacts("m").map(({ name }) => name),
    ["sleeves", "holdings-hrp", "holdings-equal_weight", "report"],
  );
}

/** What the portfolio holds is what its parts hold: the weights of the table multiplied and added up here. */
async function checkHoldings(out: string, { portfolios }: MetaSummary): Promise<void> {
  const columns = await readColumns(`${out}/runs/m/data/holdings.parquet`);
  const profiles = columns.find(({ name }) => name === "profile")!.values;
  const symbols = columns.find(({ name }) => name === "symbol")!.values;
  const dates = numbersOf(columns, "date");
  const last = dates[dates.length - 1];
  const added: Record<string, number> = {};
  dates.forEach((date, row) => {
    if (date !== last || profiles[row] !== "equal_weight") return;
    const part = numbersOf(columns, "sleeve_weight")[row] * numbersOf(columns, "asset_weight")[row];
    added[String(symbols[row])] = (added[String(symbols[row])] ?? 0) + part;
  });
  const portfolio = portfolios.find(({ profile }) => profile === "equal_weight")!;
  assertEquals(Object.keys(added).sort(), Object.keys(portfolio.weights));
  for (const [symbol, weight] of Object.entries(portfolio.weights)) {
    assertAlmostEquals(added[symbol], weight, 1e-12);
  }
  assertAlmostEquals(portfolio.net, 1, 1e-9);
  const coins = Object.keys(added).filter((symbol) => symbol.startsWith("SYN_"));
  assertAlmostEquals(coins.reduce((sum, symbol) => sum + added[symbol], 0), 0.5, 1e-9);
}

Deno.test("weights of sleeves rest on the days before them alone: changed later prices change none of them", () =>
  withFolder(async (folder) => {
    const weightsOf = async (out: string) => {
      const { steps } = await readRecordedRun(`${out}/runs/m/audit.jsonl`);
      return steps.filter(({ step }) => step === "optimise").map(({ context, outputs }) => ({
        window: (context as { window: number }).window,
        weights: (outputs as { weights: unknown }).weights,
      }));
    };
    const run = async (name: string, stocks: object) => {
      const out = join(folder, name);
      const manifest = await writeMeta(folder, { profiles: { stocks } });
      const flags = [
        "--manifest",
        manifest,
        "--out",
        out,
        "--run-id",
        "m",
        "--profile",
        "two_ways",
      ];
      await metaSummary(...flags);
      return await weightsOf(out);
    };
    const whole = await run("whole", PROFILES.stocks);
    // The same prices without their last ten days.
    const prices = join(folder, "cut.parquet");
    const columns = (await readColumns(US_LARGE_CAP)).map((column) => ({
      ...column,
      values: column.values.slice(0, -10),
    }));
    await writeColumns(prices, columns as Column[]);
    const data = { lookback_days: 350, min_days_floor: 300 };
    const shorter = await run("cut", { ...PROFILES.stocks, prices, data });
    assertEquals(shorter.length >= 8, true);
    assertEquals(shorter, whole.slice(0, shorter.length));
  }));

Deno.test("a sleeve that fails is told with its cause; the others are kept, and a resume runs only what is missing", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    // Ten days without a row are a gap: the audit finds that, no plan.
    const prices = join(folder, "gap.parquet");
    const columns = (await readColumns(CRYPTO)).map((column) => ({
      ...column,
      values: [...column.values].toSpliced(-100, 10),
    })).map((column) =>
      column.dtype === "utf8" ? column : {
        ...column,
        values: Float64Array.from(column.values as number[]),
      }
    );
    await writeColumns(prices, columns as Column[]);
    const data = { ...PROFILES.coins.data, calendar: "24x7", strict_health: true };
    const coins = { ...PROFILES.coins, prices, data };
    const broken = await writeMeta(folder, { profiles: { coins } });
    const flags = ["--out", out, "--run-id", "m"];
    const failed = await meta("--manifest", broken, ...flags);
    assertEquals(failed.code, 2, failed.stderr);
    assertStringIncludes(failed.stderr, "1 of 2 sleeves failed: sleeve coins: ");
    assertStringIncludes(failed.stderr, "data.strict_health");
    const stored: MetaSummary = JSON.parse(await Deno.readTextFile(`${out}/runs/m/run.json`));
    assertEquals(stored.status, "failed");
    const before = await Deno.readTextFile(`${out}/runs/m-stocks/run.json`);
    assertEquals(JSON.parse(before).status, "completed");
    const resumed = await meta("--resume", "--out", out);
    assertStringIncludes(resumed.stderr, "run m-stocks is taken as it is");
    assertEquals(await Deno.readTextFile(`${out}/runs/m-stocks/run.json`), before);

    // Or it goes on without the sleeve, and says so everywhere.
    const both = {
      ...META_PROFILES.both,
      meta: { ...META_PROFILES.both.meta, on_failure: "continue" },
    };
    const without = await writeMeta(folder, { profiles: { coins }, meta_profiles: { both } });
    const summary = await metaSummary("--manifest", without, "--out", out, "--run-id", "n");
    assertEquals(summary.sleeves.map(({ status }) => status), ["completed", "failed"]);
    assertStringIncludes(summary.sleeves[1].error ?? "", "strict_health");
    const html = await Deno.readTextFile(`${out}/runs/n/report.html`);
    assertStringIncludes(html, "goes on without sleeve coins");
    const { steps } = await readRecordedRun(`${out}/runs/n/audit.jsonl`);
    const [, coinsStep] = steps.filter(({ step }) => step === "sleeve");
    assertEquals(coinsStep.status, "failed");
  }));

Deno.test("decisions of a meta-portfolio are replayed to the same bits, and a sleeve whose weights were changed differs", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeMeta(folder);
    await metaSummary("--manifest", manifest, "--out", out, "--run-id", "m");
    const replay = async (run: string, ...filter: string[]) => {
      const flags = ["replay", run, "--out", out, "--json", ...filter];
      const { code, stdout, stderr } = await new RunningCommand("audit", flags).result();
      // What is refused is told as JSON, too, and has no steps.
      const { steps = [] }: Partial<Pick<Replay, "steps">> = JSON.parse(stdout);
      const differing = steps.filter(({ isSame }) => !isSame).map(({ recorded }) => recorded.step);
      return { code, stderr, kinds: steps.map(({ recorded }) => recorded.step), differing };
    };
    const one = await replay("m", "--step", "optimise", "--window", "1", "--profile", "hrp");
    assertEquals([one.code, ...one.kinds], [0, "sleeve", "sleeve", "join", "optimise"], one.stderr);
    const all = await replay("m", "--step", "flatten");
    assertEquals([all.code, all.kinds.at(-1)], [0, "flatten"], all.stderr);
    assertEquals((await replay("m-stocks", "--step", "backtest")).code, 0);
    assertEquals((await replay("m-stocks-even", "--step", "returns")).code, 0);
    assertEquals((await replay("m", "--step", "report")).code, 2);

    const path = `${out}/runs/m-coins/data/weights.parquet`;
    const columns = (await readColumns(path)).map((column) =>
      column.name === "weight"
        ? { ...column, values: column.values.map((weight) => Number(weight) / 2) }
        : column
    );
    await writeColumns(path, columns as Column[]);
    const changed = await replay("m", "--step", "flatten");
    assertEquals([changed.code, ...changed.differing], [1, "sleeve", "flatten"], changed.stderr);
  }));

Deno.test("a meta-portfolio that is stopped by Ctrl-C, or killed, goes on with --resume, to the same result", () =>
  withFolder(async (folder) => {
    const manifest = await writeMeta(folder);
    const whole = await metaSummary(
      ...["--manifest", manifest, "--out", join(folder, "whole"), "--run-id", "m"],
    );
    const out = join(folder, "out");
    const flags = ["--manifest", manifest, "--out", out, "--run-id", "m"];
    const command = new RunningCommand("meta", flags);
    await command.says("coins: started");
    command.kill("SIGINT");
    const stopped = await command.result();
    assertEquals(stopped.code, 130, stopped.stderr);
    assertStringIncludes(stopped.stderr, "deno task meta --resume m");

    const killed = new RunningCommand("meta", ["--resume", "--out", out]);
    await killed.says("coins: started");
    killed.kill("SIGKILL");
    await killed.result();
    const resumed = await metaSummary("--resume", "--out", out);
    assertEquals([resumed.run_id, resumed.status], ["m", "completed"]);
    assertEquals(resumed.result_hash, whole.result_hash);
    for (const run of ["m", "m-stocks", "m-coins", "m-stocks-even"]) {
      const { ok, intentsWithoutOutcome } = await verifyLedger(`${out}/runs/${run}/audit.jsonl`);
      assertEquals([run, ok, intentsWithoutOutcome.length], [run, true, 0]);
    }
    // What is left to resume is nothing, and no sleeve is taken for a run of its own.
    const nothing = await production(["--resume", "--out", out]);
    assertEquals(nothing.code, 2);
    assertStringIncludes(nothing.stderr, "there is no unfinished run");
  }));

Deno.test("a sleeve can be a run that is there already, if it is one of its profile", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const takenFrom = (run_id: string) => ({
      both: {
        ...META_PROFILES.both,
        sleeves: [
          { id: "stocks", profile: "stocks", run_id },
          { id: "coins", profile: "coins" },
        ],
      },
    });
    const manifest = await writeMeta(folder, { meta_profiles: takenFrom("mine") });
    const flags = ["--manifest", manifest, "--out", out];
    const missing = await meta(...flags, "--run-id", "a");
    assertEquals(missing.code, 2);
    assertStringIncludes(missing.stderr, "Cannot take run mine for sleeve stocks: there is no");
    const taken = await productionSummary(
      ["--manifest", manifest, "--out", out, "--profile", "stocks", "--run-id", "mine"],
    );
    const summary = await metaSummary(...flags, "--run-id", "b");
    assertEquals(summary.sleeves[0].run_id, "mine");
    assertEquals(summary.sleeves[0].ledger_hash, taken.ledger_hash);
    const wrong = await writeMeta(folder, {
      meta_profiles: {
        both: {
          ...META_PROFILES.both,
          sleeves: [
            { id: "stocks", profile: "coins", run_id: "mine" },
            { id: "coins", profile: "coins" },
          ],
        },
      },
    });
    const other = await meta("--manifest", wrong, "--out", out);
    assertEquals(other.code, 2);
    assertStringIncludes(other.stderr, "it is of profile stocks, the sleeve's is coins");
  }));

Deno.test("meta --dry-run shows the tree of sleeves and does nothing; bad candidates are refused before any work", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeMeta(folder);
    const { code, stdout } = await meta("--manifest", manifest, "--out", out, "--dry-run");
    assertEquals(code, 0);
    assertStringIncludes(stdout, "coins (first candidate, hrp if there is one): profile coins");
    assertStringIncludes(stdout, "profile stocks, shares run");
    assertEquals([...Deno.readDirSync(out)].map(({ name }) => name), []);
    const json = await meta("--manifest", manifest, "--out", out, "--dry-run", "--json");
    assertEquals(JSON.parse(json.stdout).sleeves[0].nested.sleeves[1].candidate, {
      profile: "min_variance",
    });
    const sleeves = [
      { id: "a", profile: "stocks", candidate: { profile: "hrp" } },
      { id: "b", profile: "coins" },
    ];
    const bad = await writeMeta(folder, { meta_profiles: { both: { sleeves } } });
    const refused = await meta("--manifest", bad, "--out", out);
    assertEquals(refused.code, 2);
    assertStringIncludes(
      refused.stderr,
      'Cannot plan sleeve a: its candidate.profile is "hrp", but profile stocks backtests no such profile',
    );
    const help = await meta("--help");
    assertStringIncludes(help.stdout, "on_failure");
  }));
