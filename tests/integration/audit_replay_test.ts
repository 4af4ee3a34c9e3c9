import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { canonicalJson } from "../../src/base/canonical_json.ts";
import { sha256Hex } from "../../src/base/hash.ts";
import { readColumns } from "../../src/lakehouse/parquet/parquet_file.ts";
import type { Replay } from "../../src/production/replay/replay_run.ts";
import { productionSummary, RunningCommand, withFolder } from "./cli.ts";
import { writeManifest } from "./manifest.ts";

interface Replayed {
  readonly code: number;
  readonly stderr: string;
  /** The steps that were done again, by kind, and how many differ. */
  readonly kinds: string;
  readonly differing: number;
}

async function replay(out: string, ...flags: string[]): Promise<Replayed> {
  const command = new RunningCommand("audit", ["replay", "r", "--out", out, "--json", ...flags]);
  const { code, stdout, stderr } = await command.result();
  // What is refused is told as JSON, too, and has no steps.
  const { steps = [] }: Partial<Pick<Replay, "steps">> = JSON.parse(stdout);
  return {
    code,
    stderr,
    kinds: steps.map(({ recorded }) => recorded.step).join(" "),
    differing: steps.filter(({ isSame }) => !isSame).length,
  };
}

/** The output folder of a run `r` with some windows. */
async function withRun(
  profile: Record<string, unknown>,
  use: (out: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeManifest(folder, {
      data: { lookback_days: 330, min_days_floor: 320 },
      ...profile,
    });
    await productionSummary(["--manifest", manifest, "--out", out, "--run-id", "r"]);
    await use(out);
  });
}

Deno.test("every decision of a run is replayed to the same bits, and the run's folder stays as it is", () =>
  withRun({}, async (out) => {
    const before = await filesOf(out);
    const audit = await replay(out, "--step", "audit");
    assertEquals([audit.code, audit.kinds], [0, "audit"], audit.stderr);
    assertEquals((await replay(out, "--step", "returns")).kinds, "returns");
    const one = await replay(out, "--window", "1", "--profile", "hrp");
    assertEquals([one.code, one.kinds], [0, "selection clustering optimise"], one.stderr);
    const all = await replay(out, "--profile", "min_variance");
    assertEquals([all.code, all.differing], [0, 0], all.stderr);
    assertStringIncludes(all.kinds, "optimise optimise optimise optimise backtest");
    assertEquals(await filesOf(out), before);
  }));

Deno.test("decisions over selected symbols and atoms are replayed with the selection that they rest on", () =>
  withRun({
    selection: { modes: ["ladder"], refresh: "window", top_n: 8 },
    synthesis: { enabled: true },
    backtest: { profiles: ["hrp"] },
  }, async (out) => {
    const one = await replay(out, "--step", "optimise", "--window", "2");
    assertEquals([one.code, one.kinds], [0, "selection clustering optimise"], one.stderr);
  }));

Deno.test("a cross-validation is replayed: one split alone, and a chain with all splits that it rests on", () =>
  withRun({
    backtest: {
      profiles: ["hrp", "min_variance"],
      cross_validation: { groups: 4, test_groups: 2, purge: 1, embargo: 2 },
    },
  }, async (out) => {
    const one = await replay(out, "--intent", await intentOf(out, "cross-training"));
    assertEquals([one.code, one.kinds, one.differing], [0, "cross-training", 0], one.stderr);
    const chain = await replay(out, "--intent", await intentOf(out, "cross-validation"));
    assertEquals([chain.code, chain.differing], [0, 0], chain.stderr);
    assertEquals(chain.kinds, `${"cross-training ".repeat(6)}cross-validation`);
    const folder = join(out, "runs", "r");
    const { overfitting, candidates } = JSON.parse(
      await Deno.readTextFile(join(folder, "reports", "cross_validation.json")),
    );
    assertEquals([overfitting.trials, candidates[0].paths.length], [2, 3]);
    const paths = await readColumns(join(folder, "paths", "baseline_clustered_hrp_window.parquet"));
    assertEquals(paths.map(({ name }) => name), ["timestamp", "path_0", "path_1", "path_2"]);
    assertStringIncludes(await Deno.readTextFile(join(folder, "report.md")), "## Cross-validation");
  }));

Deno.test("windows that follow holdings keep the turnover limit, and are replayed with all windows before", () =>
  withRun({
    risk: { turnover_limit: 0.03, max_weight: 0.5, cluster_cap: 1 },
    backtest: { engines: ["flat"], profiles: ["max_sharpe"] },
  }, async (out) => {
    const report = await Deno.readTextFile(join(out, "runs", "r", "report.json"));
    const [first, ...later] = JSON.parse(report).candidates[0].trading.turnover as number[];
    assertEquals([first > 0.49, later.length], [true, 3]);
    assertEquals(
      later.every((traded) => traded > 0.001 && traded <= 0.03 + 1e-6),
      true,
      `${later}`,
    );
    const one = await replay(out, "--step", "optimise", "--window", "2");
    assertEquals([one.code, one.differing], [0, 0], one.stderr);
    assertEquals(one.kinds.match(/optimise/g)?.length, 3);
    const chain = await replay(out, "--step", "backtest");
    assertEquals([chain.code, chain.differing], [0, 0], chain.stderr);
  }));

async function intentOf(out: string, step: string): Promise<string> {
  const ledger = await Deno.readTextFile(join(out, "runs", "r", "audit.jsonl"));
  const intents = ledger.trim().split("\n").map((line) => JSON.parse(line))
    .filter((record) => record.type === "intent" && record.step === step);
  return String(intents[0].intent);
}

Deno.test("a replay finds weights that somebody forged, in a chain that is whole", () =>
  withRun({ backtest: { profiles: ["hrp"] } }, async (out) => {
    const ledger = join(out, "runs/r/audit.jsonl");
    const lines = (await Deno.readTextFile(ledger)).trimEnd().split("\n");
    const forged = lines.map((line) => line.replace(/"weights":\{"AAPL":0.\d/, "$&1"));
    assertEquals(forged.filter((line, i) => line !== lines[i]).length > 1, true);
    await Deno.writeTextFile(ledger, chained(forged));
    const verify = new RunningCommand("audit", ["verify", "r", "--out", out]);
    assertEquals((await verify.result()).code, 0);
    const found = await replay(out, "--step", "optimise", "--window", "1");
    assertEquals([found.code, found.kinds], [1, "selection clustering optimise"], found.stderr);
    assertEquals(found.differing, 1);
  }));

Deno.test("a replay refuses steps that decide nothing, and data or configuration of another run", () =>
  withRun({ backtest: { profiles: ["hrp"] } }, async (out) => {
    const run = join(out, "runs/r");
    const unknown = await replay(out, "--window", "999");
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.stderr, "no step with a result fits");
    assertStringIncludes((await replay(out, "--step", "report")).stderr, "Cannot replay report");
    assertStringIncludes((await replay(out)).stderr, "without --intent N");

    const config = await Deno.readTextFile(join(run, "config/production.json"));
    await Deno.writeTextFile(
      join(run, "config/production.json"),
      config.replace('"max_weight": 0.25', '"max_weight": 0.3'),
    );
    assertStringIncludes((await replay(out, "--window", "0")).stderr, "by the configuration");
    await Deno.writeTextFile(join(run, "config/production.json"), config);
    await Deno.copyFile(join(run, "data/weights.parquet"), join(run, "data/returns.parquet"));
    assertEquals((await replay(out, "--window", "0")).code, 2);
    await Deno.remove(join(run, "data/returns.parquet"));
    assertStringIncludes((await replay(out, "--window", "0")).stderr, "there is no ");
  }));

/** The lines as a chain, each with the hash that belongs to it. */
function chained(lines: readonly string[]): string {
  let previous = "0".repeat(64);
  const texts = lines.map((line) => {
    const { hash: _, ...record } = JSON.parse(line);
    const content = canonicalJson({ ...record, prev_hash: previous });
    previous = sha256Hex(content);
    return `${content.slice(0, -1)},"hash":"${previous}"}\n`;
  });
  return texts.join("");
}

/** Paths, sizes and times of all files below a folder. */
async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    const { size, mtime } = await Deno.lstat(path);
    if (isDirectory) files.push(...await filesOf(path));
    else files.push(`${path} ${size} ${mtime?.getTime()}`);
  }
  return files.sort();
}
