import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { numbersOf } from "../../src/lakehouse/columns.ts";
import { writePanelParquet } from "../../src/lakehouse/parquet/panel_parquet.ts";
import { readColumns } from "../../src/lakehouse/parquet/parquet_file.ts";
import type { RunSummary } from "../../src/production/run_production.ts";
import type { Panel } from "../../src/quant/panel.ts";
import { randomReturns } from "../production/panels.ts";
import {
  executorsOf,
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
  data: { lookback_days: 1469, min_days_floor: 320 },
  backtest: { engines: ["clustered", "flat"] },
};

// 1,468 returns, 252 of them before the first test, 20 a window.
const CLUSTERINGS_OF_LONG = 61;

let undisturbed: Promise<RunSummary> | undefined;

/** What a long run comes to when nobody disturbs it; run once for all tests. */
function undisturbedLongRun(): Promise<RunSummary> {
  undisturbed ??= withFolder(async (folder) => {
    const manifest = await writeManifest(folder, LONG);
    return await productionSummary(["--manifest", manifest, "--out", join(folder, "out")]);
  });
  return undisturbed;
}

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

const NAME_PARTS = ["selection", "engine", "profile", "rebalance", "simulator"];

async function checkReturns(run: string, { candidates }: RunSummary): Promise<void> {
  const metrics = JSON.parse(await Deno.readTextFile(join(run, "metrics.json")));
  assertEquals(metrics.map(({ profile }: { profile: string }) => profile), PROFILES);
  for (const { total_return, ...rest } of metrics) {
    const columns = await readColumns(
      join(run, "returns", `${NAME_PARTS.map((part) => rest[part]).join("_")}.parquet`),
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
      assertEquals(typeof rest[name], "number", `${rest.profile}.${name}`);
    }
    assertEquals(
      rest.sharpe,
      candidates.find((candidate) => candidate.profile === rest.profile)?.metrics.sharpe,
    );
  }
  const matrix = await readColumns(join(run, "data/returns.parquet"));
  assertEquals([matrix.length, matrix[0].name, matrix[0].values.length], [21, "timestamp", 599]);
}

async function checkWeights(run: string): Promise<void> {
  const columns = await readColumns(join(run, "data/weights.parquet"));
  assertEquals(
    columns.map(({ name }) => name),
    ["window", "test_start", "test_end", "selection", "engine", "profile", "symbol", "weight"],
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
  const { code, stdout } = await new RunningCommand("audit", [
    "verify",
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
    assertEquals(ledger.match(/"status":"cached"/g)?.length, 18 + 90 + 5 + 4);
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
        ...PROFILES.map((name) => `returns/baseline_clustered_${name}_window_vectorized.parquet`),
      ];
      results.push([
        result_hash,
        ...await Promise.all(files.map((file) => Deno.readFile(join(out, "runs", run_id, file)))),
      ]);
    }
    assertEquals(results[1], results[0]);
    assertEquals(results[2], results[0]);
  }));

Deno.test("an executor that dies by SIGKILL in the middle of a run changes nothing in its results", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeManifest(folder, LONG);
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
    const [victim] = executorsOf(out);
    Deno.kill(victim.pid, "SIGKILL");
    assert(!command.stderrSoFar.includes("optimise: finished"), "the kill came too late");
    const { code, stdout, stderr } = await command.result();
    assertEquals(code, 0, stderr);
    const expected = await undisturbedLongRun();
    const summary: RunSummary = JSON.parse(stdout);
    assertEquals(summary.result_hash, expected.result_hash);
    assertEquals(summary.tasks, expected.tasks);
    assertEquals(processesOf(out), []);
  }));

Deno.test("a run whose executors are killed again and again fails, says why, and leaves no process behind", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeManifest(folder);
    const command = startProduction(["--manifest", manifest, "--out", out, "--run-id", "crash"]);
    const ended = command.result();
    let isOver = false;
    ended.then(() => isOver = true);
    await until("the run has failed", () => {
      for (const { pid } of executorsOf(out)) killQuietly(pid);
      return isOver;
    }, 20_000);
    const { code, stderr } = await ended;
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /error\[task\/crashed\]: Task cluster-window\(.*crashed in each of 3 attempts/,
    );
    assertEquals(processesOf(out), []);
    const { status, error } = await readSummary(out, "crash");
    assertEquals(status, "failed");
    assertStringIncludes(error ?? "", "crashed in each of 3 attempts");
    assertEquals((await verdictOf("crash", out)).intentsWithoutOutcome, []);
  }));

Deno.test("Ctrl-C ends everything within two seconds, and --resume does only what is missing", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeManifest(folder, LONG);
    const command = startProduction(["--manifest", manifest, "--out", out]);
    await command.says("optimise: started");
    const processes = processesOf(out);
    // The second executor may still be starting.
    assert(processes.length >= 2, "the command and an executor");
    const stoppedAt = performance.now();
    command.kill("SIGINT");
    const { code, stderr } = await command.result();
    assert(performance.now() - stoppedAt < 2_000, `took ${performance.now() - stoppedAt} ms`);
    assertEquals(code, 130);
    assertEquals(processesOf(out), []);
    const [runId] = await runsIn(out);
    assertStringIncludes(stderr, `deno task production --resume ${runId} --out ${out}`);
    assertEquals((await readSummary(out, runId)).status, "cancelled");
    assertEquals((await verdictOf(runId, out)).intentsWithoutOutcome, []);

    const whole = await undisturbedLongRun();
    const resumed = await productionSummary(["--resume", "--out", out]);
    assertEquals([resumed.run_id, resumed.result_hash], [runId, whole.result_hash]);
    const { Cached: cached = 0, Completed: completed = 0 } = resumed.tasks;
    assert(cached >= CLUSTERINGS_OF_LONG, `only ${cached} results were kept`);
    assert(completed > 0, "the signal came too late");
    assertEquals(cached + completed, whole.tasks.Completed);
    assertEquals((await verdictOf(runId, out)).intentsWithoutOutcome, []);
  }));

Deno.test("a Ctrl-C that arrives twice, from the terminal and from deno task, still writes how the run ended", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeManifest(folder, LONG);
    const command = startProduction(["--manifest", manifest, "--out", out, "--run-id", "twice"]);
    await command.says("clustering: started");
    command.kill("SIGINT");
    // Two that are pending at once would be one.
    await delay(10);
    command.kill("SIGINT");
    const { code, stderr } = await command.result();
    assertEquals(code, 130);
    assertStringIncludes(stderr, "--resume twice");
    assertEquals((await readSummary(out, "twice")).status, "cancelled");
  }));

Deno.test("SIGKILL of the command ends its executors too, and its run can be resumed by name", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeManifest(folder, LONG);
    const command = startProduction(["--manifest", manifest, "--out", out, "--run-id", "killed_1"]);
    await command.says("optimise: started");
    assert(processesOf(out).length >= 3, "the command and two executors");
    command.kill("SIGKILL");
    await command.result();
    await until("the executors are gone", () => processesOf(out).length === 0, 2_000);
    const resumed = await productionSummary(["--resume", "killed_1", "--out", out]);
    assertEquals([resumed.run_id, resumed.status], ["killed_1", "completed"]);
    assertEquals(resumed.result_hash, (await undisturbedLongRun()).result_hash);
    assert((resumed.tasks.Cached ?? 0) >= CLUSTERINGS_OF_LONG, JSON.stringify(resumed.tasks));
    assertEquals((await verdictOf("killed_1", out)).intentsWithoutOutcome, []);
  }));

Deno.test("the same prices as CSV and as Parquet give the same results; a late listing waits for its window", () =>
  withFolder(async (folder) => {
    const prices = invented(400, 5);
    await Deno.writeTextFile(join(folder, "closes.csv"), toCsv(prices));
    await writePanelParquet(join(folder, "closes.parquet"), prices);
    const manifest = await writeManifest(folder, {
      data: { calendar: "24x7", lookback_days: 400, min_days_floor: 100 },
      risk: { cluster_lookbacks: [60] },
      backtest: { train: 100, test: 20, step: 20 },
    });
    const hashes: (string | null)[] = [];
    for (const file of ["closes.csv", "closes.parquet"]) {
      const out = join(folder, file.replace(".", "_"));
      const { run_id, result_hash, prices: source } = await productionSummary([
        "--manifest",
        manifest,
        "--prices",
        join(folder, file),
        "--out",
        out,
      ]);
      hashes.push(result_hash);
      assertEquals([source.symbols, source.rows], [5, 400]);
      const weights = await readColumns(join(out, "runs", run_id, "data/weights.parquet"));
      const symbol = weights.find(({ name }) => name === "symbol")!.values;
      const held = numbersOf(weights, "window").filter((_, row) => symbol[row] === "S4");
      // Its first return is in row 151; of the windows, which train from row 0, 20, 40, … on, number 8 has it in all rows.
      assertEquals(held.reduce((least, window) => Math.min(least, window)), 8);
    }
    assertEquals(hashes[0], hashes[1]);
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
    for (const flag of ["--prices PLACE", "--resume [RUN_ID]", "--dry-run", "Exit codes"]) {
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

/** Prices of 24×7 assets; the last one is listed 151 days late. */
function invented(rows: number, symbols: number): Panel {
  const prices = randomReturns(17, rows, symbols);
  for (let column = 0; column < symbols; column++) {
    for (let row = 0, price = 100; row < rows; row++) {
      price *= 1 + prices.values[row * symbols + column];
      const isListed = column < symbols - 1 || row > 150;
      prices.values[row * symbols + column] = isListed ? price : NaN;
    }
  }
  return prices;
}

function toCsv({ timestampsS, symbols, values }: Panel): string {
  const lines = [...timestampsS].map((timeS, row) => {
    const day = new Date(timeS * 1000).toISOString().slice(0, 10);
    const cells = values.subarray(row * symbols.length, (row + 1) * symbols.length);
    return [day, ...[...cells].map((cell) => Number.isNaN(cell) ? "" : String(cell))].join(",");
  });
  return [["date", ...symbols].join(","), ...lines, ""].join("\n");
}

/** What `audit verify` finds, which has to be a whole ledger. */
async function verdictOf(runId: string, out: string): Promise<{ intentsWithoutOutcome: unknown }> {
  const command = new RunningCommand("audit", ["verify", runId, "--out", out, "--json"]);
  const { code, stdout, stderr } = await command.result();
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

function killQuietly(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    // It has ended already.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
