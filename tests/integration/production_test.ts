import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { numbersOf } from "../../src/lakehouse/columns.ts";
import { readColumns } from "../../src/lakehouse/parquet_file.ts";
import type { RunSummary } from "../../src/production/run_production.ts";
import {
  clusterProcessesOf,
  processesOf,
  production,
  productionSummary,
  readSummary,
  RunningCommand,
  runsIn,
  startProduction,
  until,
  withFolder,
} from "./cli.ts";
import { writeManifest } from "./manifest.ts";

const PROFILES = ["equal_weight", "min_variance", "hrp", "risk_parity", "max_sharpe"];

/** A run that lasts a few seconds: time enough to be disturbed. */
const LONG = {
  data: { lookback_days: 2269, min_days_floor: 320 },
  backtest: { engines: ["clustered", "flat"] },
};

Deno.test("production writes every output of a run, and they agree with each other", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeManifest(folder);
    const summary = await productionSummary([
      "--manifest",
      manifest,
      "--out",
      out,
      "--workers",
      "2",
    ]);
    const run = join(out, "runs", summary.run_id);
    assertEquals(await Deno.readLink(join(out, "runs/latest")), summary.run_id);
    assertEquals(summary.status, "completed");
    assertEquals(summary, await readSummary(out, summary.run_id));

    await checkReturns(run, summary);
    await checkWeights(run);
    await checkMemory(summary);
    await checkReport(run, summary);
    await checkLedger(out, run, summary);
  }));

async function checkReturns(run: string, { candidates }: RunSummary): Promise<void> {
  const metrics = JSON.parse(await Deno.readTextFile(join(run, "metrics.json")));
  assertEquals(metrics.map(({ profile }: { profile: string }) => profile), PROFILES);
  for (const { engine, simulator, profile, total_return, ...rest } of metrics) {
    const columns = await readColumns(
      join(run, "returns", `${engine}_${simulator}_${profile}.parquet`),
    );
    assertEquals(columns.map(({ name }) => name), ["timestamp", "return"]);
    const growth = numbersOf(columns, "return").reduce((wealth, value) => wealth * (1 + value), 1);
    assertAlmostEquals(growth - 1, total_return, 1e-9);
    const named = [
      "annualized_return",
      "annualized_volatility",
      "sharpe",
      "sortino",
      "calmar",
      "max_drawdown",
    ];
    for (
      const name of [
        ...named,
        "var_95",
        "cvar_95",
        "turnover",
        "alpha",
        "beta",
        "probabilistic_sharpe",
      ]
    ) {
      assertEquals(typeof rest[name], "number", `${profile}.${name}`);
    }
    assertEquals(
      rest.sharpe,
      candidates.find((candidate) => candidate.profile === profile)?.metrics.sharpe,
    );
  }
  const matrix = await readColumns(join(run, "data/returns.parquet"));
  assertEquals([matrix.length, matrix[0].name, matrix[0].values.length], [21, "timestamp", 599]);
}

async function checkWeights(run: string): Promise<void> {
  const columns = await readColumns(join(run, "data/weights.parquet"));
  assertEquals(
    columns.map(({ name }) => name),
    ["window", "test_start", "test_end", "engine", "profile", "symbol", "weight"],
  );
  const window = numbersOf(columns, "window"), weight = numbersOf(columns, "weight");
  const profile = columns.find(({ name }) => name === "profile")!.values;
  const sums = new Map<string, number>();
  weight.forEach((value, row) => {
    assert(value > 0 && value <= 1, `weight ${value} in row ${row}`);
    const key = `${profile[row]} ${window[row]}`;
    sums.set(key, (sums.get(key) ?? 0) + value);
  });
  // 599 returns, 252 of them before the first test, 20 a window.
  assertEquals(sums.size, 5 * 18);
  for (const sum of sums.values()) assertAlmostEquals(sum, 1, 1e-9);
}

function checkMemory({ memory }: RunSummary): void {
  assert(memory.head_peak_bytes > 20e6, `${memory.head_peak_bytes}`);
  assertEquals(memory.executors.length >= 2, true);
  for (const { peak_bytes } of memory.executors) assert(peak_bytes > 20e6, `${peak_bytes}`);
}

async function checkReport(run: string, { run_id }: RunSummary): Promise<void> {
  const html = await Deno.readTextFile(join(run, "report.html"));
  assertStringIncludes(html, run_id);
  assertEquals(
    /(?:src|href)\s*=\s*["']?https?:|url\(\s*["']?https?:|@import|<script/i.exec(html),
    null,
  );
  assert((html.match(/<svg/g) ?? []).length >= 4);
  const markdown = await Deno.readTextFile(join(run, "report.md"));
  for (const profile of PROFILES) {
    assertStringIncludes(html, profile);
    assertStringIncludes(markdown, profile.replaceAll("_", "\\_"));
  }
}

async function checkLedger(out: string, run: string, summary: RunSummary): Promise<void> {
  const { code, stdout } = await new RunningCommand("audit:verify", [
    summary.run_id,
    "--out",
    out,
    "--json",
  ]).result();
  const verdict = JSON.parse(stdout);
  assertEquals([code, verdict.ok, verdict.headHash], [0, true, summary.ledger_hash]);
  assertEquals(verdict.intentsWithoutOutcome, []);
  const records = (await Deno.readTextFile(join(run, "audit.jsonl"))).trim().split("\n").map((
    line,
  ) => JSON.parse(line));
  assertEquals(records[0].type, "genesis");
  const optimised = records.filter(({ type, step }) => type === "outcome" && step === "optimise");
  assertEquals(optimised.length, 90);
  for (const { status, outputs } of optimised) {
    assertEquals(status, "completed");
    const weights: number[] = Object.values(outputs.weights);
    assertAlmostEquals(weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-9);
  }
}

Deno.test("a second identical run takes everything from the cache and starts no worker", () =>
  withFolder(async (folder) => {
    const args = ["--manifest", await writeManifest(folder), "--out", join(folder, "out")];
    const first = await productionSummary(args);
    const second = await productionSummary(args);
    assertEquals(second.result_hash, first.result_hash);
    assertEquals(second.tasks, { Cached: first.tasks.Completed });
    assertEquals(second.memory.executors, []);
    const ledger = await Deno.readTextFile(join(folder, "out/runs", second.run_id, "audit.jsonl"));
    assertEquals(ledger.match(/"status":"cached"/g)?.length, 18 + 90 + 5 + 3);
  }));

Deno.test("1, 2 and 4 workers give the same results to the bit", () =>
  withFolder(async (folder) => {
    const manifest = await writeManifest(folder);
    const results: unknown[] = [];
    for (const workers of ["1", "2", "4"]) {
      const out = join(folder, workers);
      const { run_id, result_hash } = await productionSummary([
        "--manifest",
        manifest,
        "--out",
        out,
        "--workers",
        workers,
      ]);
      const files = [
        "data/weights.parquet",
        ...PROFILES.map((name) => `returns/clustered_vectorized_${name}.parquet`),
      ];
      results.push([
        result_hash,
        ...await Promise.all(files.map((file) => Deno.readFile(join(out, "runs", run_id, file)))),
      ]);
    }
    assertEquals(results[1], results[0]);
    assertEquals(results[2], results[0]);
  }));

Deno.test("a worker and an executor that are killed in the middle of a run change nothing in its results", () =>
  withFolder(async (folder) => {
    const manifest = await writeManifest(folder, LONG);
    const undisturbed = await productionSummary([
      "--manifest",
      manifest,
      "--out",
      join(folder, "calm"),
    ]);
    const out = join(folder, "disturbed");
    const command = startProduction([
      "--manifest",
      manifest,
      "--out",
      out,
      "--workers",
      "2",
      "--json",
    ]);
    await command.says("optimise: started");
    Deno.kill(
      clusterProcessesOf("worker", "tradewind-").filter(isChildOf(command.pid))[0].pid,
      "SIGKILL",
    );
    await new Promise((resolve) => setTimeout(resolve, 150));
    const executors = descendants(command.pid).filter(({ command }) =>
      command.includes("executor_main.ts")
    );
    for (const { pid } of executors.slice(0, 1)) Deno.kill(pid, "SIGKILL");
    const { code, stdout, stderr } = await command.result();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "died: its process ended with SIGKILL");
    assertEquals(JSON.parse(stdout).result_hash, undisturbed.result_hash);
  }));

Deno.test("Ctrl-C ends everything within two seconds, and --resume does only what is missing", () =>
  withFolder(async (folder) => {
    const manifest = await writeManifest(folder, LONG);
    const whole = await productionSummary(["--manifest", manifest, "--out", join(folder, "whole")]);
    const out = join(folder, "out");
    const command = startProduction(["--manifest", manifest, "--out", out]);
    await command.says("optimise: started");
    await new Promise((resolve) => setTimeout(resolve, 400));
    const processes = descendants(command.pid);
    const stoppedAt = performance.now();
    command.kill("SIGINT");
    const { code, stderr } = await command.result();
    assert(performance.now() - stoppedAt < 2_000, `took ${performance.now() - stoppedAt} ms`);
    assertEquals(code, 130);
    assertEquals(processes.filter(({ pid }) => isAlive(pid)), []);
    const [runId] = await runsIn(out);
    assertStringIncludes(stderr, `deno task production --resume ${runId}`);
    assertEquals((await readSummary(out, runId)).status, "cancelled");
    assertEquals(
      (await new RunningCommand("audit:verify", [runId, "--out", out]).result()).code,
      0,
    );

    const resumed = await productionSummary(["--resume", "--out", out]);
    assertEquals([resumed.run_id, resumed.result_hash], [runId, whole.result_hash]);
    const { Cached: cached = 0, Completed: completed = 0 } = resumed.tasks;
    assert(cached > 101, `only ${cached} results were kept`);
    assertEquals(cached + completed, whole.tasks.Completed);
    const verified = await new RunningCommand("audit:verify", [runId, "--out", out, "--json"])
      .result();
    assertEquals(JSON.parse(verified.stdout).intentsWithoutOutcome, []);
  }));

Deno.test("SIGKILL of the command ends its workers too, and its run can be resumed by name", () =>
  withFolder(async (folder) => {
    const manifest = await writeManifest(folder, LONG);
    const out = join(folder, "out");
    const command = startProduction(["--manifest", manifest, "--out", out, "--run-id", "killed_1"]);
    await command.says("optimise: started");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const processes = descendants(command.pid);
    assert(processes.length >= 4, JSON.stringify(processes));
    command.kill("SIGKILL");
    await command.result();
    await until("the workers are gone", () => !processes.some(({ pid }) => isAlive(pid)), 2_000);
    const resumed = await productionSummary(["--resume", "killed_1", "--out", out]);
    assertEquals([resumed.run_id, resumed.status], ["killed_1", "completed"]);
    assert((resumed.tasks.Cached ?? 0) > 0);
  }));

Deno.test("--dry-run shows the plan, writes no run and starts nothing", () =>
  withFolder(async (folder) => {
    const args = [
      "--manifest",
      await writeManifest(folder),
      "--out",
      join(folder, "out"),
      "--dry-run",
    ];
    const { code, stdout } = await production(args);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "18, train 252 / test 20 / step 20");
    assertStringIncludes(stdout, "90 tasks: clustered × equal_weight");
    const plan = JSON.parse((await production([...args, "--json"])).stdout);
    assertEquals([plan.windows, plan.optimisations, plan.backtests], [18, 90, 5]);
    assertEquals(await runsIn(join(folder, "out")), []);
  }));

Deno.test("--json prints one line of JSON; --quiet says nothing else; --help explains", () =>
  withFolder(async (folder) => {
    const args = [
      "--manifest",
      await writeManifest(folder),
      "--out",
      join(folder, "out"),
      "--json",
      "--quiet",
    ];
    const { code, stdout, stderr } = await production(args);
    assertEquals([code, stderr, stdout.trim().split("\n").length], [0, "", 1]);
    assertEquals(JSON.parse(stdout).status, "completed");
    const help = await production(["--help"]);
    assertEquals(help.code, 0);
    for (const flag of ["--prices FILE", "--resume [RUN_ID]", "--dry-run", "Exit codes"]) {
      assertStringIncludes(help.stdout, flag);
    }
  }));

Deno.test("synthetic prices are called synthetic in the report", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const { run_id, parameters } = await productionSummary([
      "--profile",
      "crypto_synthetic",
      "--out",
      out,
    ]);
    assertEquals(parameters.synthetic, true);
    for (const file of ["report.html", "report.md"]) {
      assertStringIncludes(await Deno.readTextFile(join(out, "runs", run_id, file)), "synthetic");
    }
  }));

interface Descendant {
  readonly pid: number;
  readonly command: string;
}

/** The processes below one, by the parents that /proc names. */
function descendants(pid: number): Descendant[] {
  const below = processesOf("deno").filter(isChildOf(pid));
  return [...below, ...below.flatMap((child) => descendants(child.pid))];
}

function isChildOf(parent: number): (process: { readonly pid: number }) => boolean {
  return ({ pid }) => Number(/^PPid:\s+(\d+)$/m.exec(statusOf(pid))?.[1]) === parent;
}

function isAlive(pid: number): boolean {
  const status = statusOf(pid);
  return status !== "" && !/^State:\s+Z/m.test(status);
}

function statusOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch {
    return "";
  }
}
