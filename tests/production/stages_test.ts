import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { openLedger } from "../../src/ledger/mod.ts";
import { FlowCancelledError, type FlowEvent } from "../../src/flow/mod.ts";
import type { PriceSource } from "../../src/lakehouse/prices/price_source.ts";
import { DEFAULTS, type ProductionConfig } from "../../src/manifest/config.ts";
import type { HealthStatus, SymbolHealth } from "../../src/quant/health/symbol_health.ts";
import { makeAtoms } from "../../src/quant/synthesis/atom.ts";
import { flattenAtoms } from "../../src/quant/synthesis/replay_atoms.ts";
import { AuditTrail } from "../../src/production/audit_trail.ts";
import { discoverCandidates } from "../../src/production/discovery.ts";
import { healthySymbols } from "../../src/production/health_gate.ts";
import type { Allocated } from "../../src/production/optimise.ts";
import { cutWindows, planProduction } from "../../src/production/plan.ts";
import type { ProductionEvent } from "../../src/production/production_event.ts";
import { outputFolders, RunFolder } from "../../src/production/run_folder.ts";
import { StageClock } from "../../src/production/stage_clock.ts";
import { aimedWeights, candidateTargets, remarksOf } from "../../src/production/targets.ts";
import {
  copyArtifact,
  hasArtifact,
  storeArtifact,
} from "../../src/production/tasks/artifact_store.ts";
import { equalWeightReturns } from "../../src/production/tasks/benchmark.ts";
import { reportedMetrics } from "../../src/production/tasks/report_model.ts";
import { trainingWindow } from "../../src/production/tasks/window_assets.ts";
import { randomReturns } from "./panels.ts";

const SOURCE: PriceSource = {
  type: "file",
  path: "closes.csv",
  sha256: "0".repeat(64),
  symbols: ["AAPL", "MSFT", "XOM"],
  rows: 600,
  fromS: 0,
  toS: 600 * 86_400,
};

const CONFIG: ProductionConfig = {
  ...DEFAULTS,
  profileName: "p",
  manifestPath: "manifest.jsonc",
  prices: "closes.csv",
  synthetic: false,
  title: "p",
};

Deno.test("discoverCandidates() takes the manifest's symbols in their order, else all columns", () => {
  assertEquals(discoverCandidates({}, SOURCE), ["AAPL", "MSFT", "XOM"]);
  assertEquals(discoverCandidates({ symbols: ["XOM", "AAPL"] }, SOURCE), ["XOM", "AAPL"]);
  const error = assertThrows(
    () => discoverCandidates({ symbols: ["APPL"] }, SOURCE),
    UserError,
    "APPL",
  );
  assertEquals(error.hint, "The nearest name there is AAPL.");
  assertThrows(() => discoverCandidates({ symbols: [] }, SOURCE), UserError, "any candidate");
});

Deno.test("planProduction() counts what a run does at most, and refuses prices shorter than a window", () => {
  const { rows, windows, clusterings, optimisations, backtests } = planProduction(CONFIG, SOURCE);
  // 500 rows are 499 returns, of which 247 are tested, 20 at a time.
  assertEquals([rows, windows, clusterings, optimisations, backtests], [500, 13, 13, 65, 5]);
  const short = { ...SOURCE, rows: 272 };
  assertThrows(() => planProduction(CONFIG, short), UserError, "it has 272 rows");
  assertEquals(planProduction(CONFIG, { ...SOURCE, rows: 273 }).windows, 1);
});

Deno.test("planProduction() counts every engine and simulator, and of long prices the last rows alone", () => {
  const backtest = { ...CONFIG.backtest, engines: ["flat", "clustered"], simulators: ["a", "b"] };
  const plan = planProduction({ ...CONFIG, backtest }, { ...SOURCE, rows: 5000 });
  assertEquals([plan.rows, plan.windows, plan.optimisations, plan.backtests], [500, 13, 130, 20]);
  assertEquals(plan.candidates, SOURCE.symbols);
  const discovery = { symbols: ["XOM"] };
  assertEquals(planProduction({ ...CONFIG, discovery }, SOURCE).candidates, ["XOM"]);
});

Deno.test("planProduction() refuses to select by what is traded when nothing tells it", () => {
  const selection = { ...CONFIG.selection, modes: ["liquid"] as const };
  assertThrows(
    () => planProduction({ ...CONFIG, selection }, SOURCE),
    UserError,
    "Cannot select by liquid: closes.csv tells no volumes, and selection.traded_values is not set",
  );
  const named = { ...selection, traded_values: "traded.csv" };
  assertEquals(planProduction({ ...CONFIG, selection: named }, SOURCE).selections, 13);
});

Deno.test("planProduction() counts a selection for each window, or one for all, or none where all are taken", () => {
  const selections = (selection: Partial<ProductionConfig["selection"]>) =>
    planProduction({ ...CONFIG, selection: { ...CONFIG.selection, ...selection } }, SOURCE)
      .selections;
  assertEquals(selections({}), 0);
  assertEquals(selections({ modes: ["ladder"] }), 13);
  assertEquals(selections({ modes: ["ladder"], refresh: "once" }), 1);
});

Deno.test("cutWindows() refuses returns that are no longer than the training of one window", () => {
  assertEquals(cutWindows(253, CONFIG).map(({ testFrom, testTo }) => [testFrom, testTo]), [
    [252, 253],
  ]);
  assertThrows(() => cutWindows(252, CONFIG), UserError, "have 252 rows of returns");
});

function health(symbol: string, status: HealthStatus): SymbolHealth {
  return { symbol, status, reasons: [`${symbol} has a reason.`], quarantined: [] };
}

Deno.test("healthySymbols() drops what is unfit, and stops for doubt only when told to", () => {
  const found = [
    health("A", "OK"),
    health("B", "STALE"),
    health("C", "DROPPED"),
    health("D", "MISSING"),
  ];
  assertEquals(healthySymbols(found, false), ["A", "B"]);
  assertThrows(() => healthySymbols(found, true), UserError, "B is STALE (B has a reason.)");
  assertThrows(
    () => healthySymbols(found.slice(2), false),
    UserError,
    "no symbol is fit for use: C is DROPPED",
  );
  assertEquals(healthySymbols([health("A", "OK (MARKET CLOSED)")], true), ["A"]);
});

Deno.test("healthySymbols() under strict health stops for gaps as well, and names five symbols at most", () => {
  const gappy = Array.from({ length: 7 }, (_, i) => health(`S${i}`, "DEGRADED (GAPS)"));
  assertEquals(healthySymbols(gappy, false).length, 7);
  const { message, hint } = assertThrows(() => healthySymbols(gappy, true), UserError);
  assertEquals(message.split("; ").length, 6);
  assertEquals(message.endsWith("; and 2 more"), true);
  assertEquals(hint, "Mend the prices, or set data.strict_health to false.");
  // What is dropped is gone whatever its prices look like, and is no reason to stop.
  assertEquals(healthySymbols([health("A", "OK"), health("B", "DROPPED")], true), ["A"]);
});

function allocated(
  index: number,
  weights: number[] | undefined,
  relaxations: string[] = [],
): Allocated {
  const window = { index, trainFrom: 0, trainTo: 10, testFrom: 10 + index, testTo: 11 + index };
  const solved = {
    status: relaxations.length > 0 ? "relaxed" as const : "optimal" as const,
    weights: Float64Array.from(weights ?? []),
    relaxations,
    objective: 0,
    kktResidual: 0,
  };
  const allocation = weights === undefined
    ? { status: "infeasible" as const, reason: "none" }
    : solved;
  return { window, selection: "baseline", engine: "flat", profile: "hrp", allocation };
}

Deno.test("candidateTargets() keeps holdings over windows without a solution, and begins with cash if it must", () => {
  const chain = [
    allocated(0, undefined),
    allocated(1, [0.5, 0.5]),
    allocated(2, undefined),
    allocated(3, [1, 0]),
  ];
  assertEquals(
    candidateTargets(chain, randomReturns(1, 20, 2)).map(({ row, weights }) => [row, ...weights]),
    [
      [10, 0, 0],
      [11, 0.5, 0.5],
      [13, 1, 0],
    ],
  );
});

Deno.test("candidateTargets() of atoms follow their positions from row to row until the next solution, or the last row", () => {
  const panel = randomReturns(4, 20, 2);
  const atoms = makeAtoms([{ symbol: "S0", column: 0, direction: "LONG" }], ["momentum"], [2]);
  const atomWeights = { atoms, weights: Float64Array.of(0.5) };
  const at = (row: number) => flattenAtoms(panel, atoms, atomWeights.weights, row);
  const withAtoms = (index: number) => ({ ...allocated(index, [...at(10 + index)]), atomWeights });
  const targets = candidateTargets(
    [withAtoms(0), allocated(3, undefined), allocated(5, [0, 1])],
    panel,
  );
  assertEquals(targets.at(-1), { row: 15, weights: Float64Array.of(0, 1) });
  let held = new Float64Array(2);
  for (let row = 10; row < 15; row++) {
    held = Float64Array.from(targets.find((target) => target.row === row)?.weights ?? held);
    assertEquals(held, at(row));
  }
  const last = candidateTargets([withAtoms(0)], panel);
  assertEquals(last.at(-1)!.weights, at(19));
  for (let k = 1; k < last.length; k++) assertNotEquals(last[k].weights, last[k - 1].weights);
});

Deno.test("aimedWeights() keeps the weights of the window before where there is no solution", () => {
  const chain = [allocated(0, undefined), allocated(1, [0.5, 0.5]), allocated(2, undefined)];
  assertEquals(aimedWeights(chain, 2).map((weights) => [...weights]), [[0, 0], [0.5, 0.5], [
    0.5,
    0.5,
  ]]);
  assertEquals(remarksOf(chain), [
    "Window 0: no solution, so all stayed in cash: none",
    "Window 2: no solution, so the holdings were kept: none",
  ]);
});

Deno.test("remarksOf() says once what several windows have in common", () => {
  const chain = [
    allocated(0, undefined),
    allocated(1, [1], ["a"]),
    allocated(2, [1]),
    allocated(3, [1], ["a"]),
  ];
  assertEquals(remarksOf(chain), [
    "Window 0: no solution, so all stayed in cash: none",
    "Windows 1, 3: relaxed: a",
  ]);
});

Deno.test("trainingWindow() is a view where all assets are complete, else the complete ones", () => {
  const panel = {
    timestampsS: new Float64Array([1, 2, 3]),
    symbols: ["A", "B"],
    values: new Float64Array([1, NaN, 3, 4, 5, 6]),
  };
  const whole = trainingWindow(panel, { from: 1, to: 3 });
  assertEquals([whole.T, whole.N, [...whole.values]], [2, 2, [3, 4, 5, 6]]);
  assertEquals(whole.values.buffer, panel.values.buffer);
  const part = trainingWindow(panel, { from: 0, to: 2 });
  assertEquals([part.T, part.N, [...part.values], [...part.assets]], [2, 1, [1, 3], [0]]);
});

Deno.test("equalWeightReturns() is the mean over the symbols that have a return", () => {
  const panel = {
    timestampsS: new Float64Array([1, 2, 3]),
    symbols: ["A", "B"],
    values: new Float64Array([9, 9, 0.02, NaN, NaN, NaN]),
  };
  assertEquals([...equalWeightReturns(panel, 0)], [9, 0.02, 0]);
  assertEquals([...equalWeightReturns(panel, 1)], [0.02, 0]);
});

Deno.test("reportedMetrics() writes what does not exist as null and times as days", () => {
  const metrics = reportedMetrics({
    sharpe: 1.5,
    calmar: NaN,
    max_drawdown_start: 86_400,
    max_drawdown_recovery: NaN,
  });
  assertEquals(metrics, {
    sharpe: 1.5,
    calmar: null,
    max_drawdown_start: "1970-01-02",
    max_drawdown_recovery: null,
  });
});

Deno.test("RunFolder stays in its folder, and the pointer to the latest run moves", async () => {
  const root = await Deno.makeTempDir();
  const folders = outputFolders(root);
  for (const bad of ["../x", "a/b", "", "."]) {
    assertThrows(() => new RunFolder(folders, bad), UserError);
  }
  for (const runId of ["one", "two"]) {
    const run = new RunFolder(folders, runId);
    await run.create();
    await run.pointLatest();
    assertEquals(await Deno.readLink(`${root}/runs/latest`), runId);
  }
  await Deno.remove(root, { recursive: true });
});

Deno.test("an artifact has one file for one content, and people get copies of it", async () => {
  const storeDir = await Deno.makeTempDir();
  const write = (path: string) => Deno.writeTextFile(path, "x");
  const artifact = await storeArtifact(storeDir, ".txt", write);
  assertEquals(await storeArtifact(storeDir, ".txt", write), artifact);
  assertEquals([...Deno.readDirSync(storeDir)].length, 1);
  await copyArtifact(storeDir, artifact, `${storeDir}/copy.txt`);
  await Deno.writeTextFile(`${storeDir}/copy.txt`, "spoilt");
  assertEquals(hasArtifact(storeDir, artifact), true);
  assertEquals(hasArtifact(storeDir, { ...artifact, sizeBytes: 2 }), false);
  assertEquals(hasArtifact(storeDir, { ...artifact, sha256: "0".repeat(64) }), false);
  await assertRejects(
    () => storeArtifact(storeDir, ".txt", () => Promise.reject(new Error("full"))),
    Error,
    "full",
  );
  const lost = { ...artifact, sha256: "0".repeat(64) };
  await assertRejects(
    () => copyArtifact(storeDir, lost, `${storeDir}/lost.txt`),
    Deno.errors.NotFound,
  );
  assertEquals([...Deno.readDirSync(storeDir)].length, 2);
  await Deno.remove(storeDir, { recursive: true });
});

const FACTS = { runId: "r", taskSeq: 0, arguments: "", atMs: 0, counts: {} };

function taskEvent(
  type: "TaskRunStarted" | "TaskRunFinished" | "TaskRunCached",
  attempt = 1,
): FlowEvent {
  return {
    ...FACTS,
    type,
    task: "optimise-window",
    attempt,
    durationMs: 1,
    cacheKey: "k",
    resultHash: "h",
  } as FlowEvent;
}

Deno.test("StageClock times stages and counts the task runs that belong to them", async () => {
  const events: ProductionEvent[] = [];
  let nowMs = 1000;
  const stages = new StageClock({ nowMs: () => nowMs }, (event) => events.push(event));
  await stages.run("optimise", 3, () => {
    stages.count(taskEvent("TaskRunStarted"));
    stages.count(taskEvent("TaskRunStarted", 2));
    stages.count(taskEvent("TaskRunCached"));
    stages.count(taskEvent("TaskRunFinished"));
    nowMs += 500;
  }, () => "well");
  assertEquals(events.at(0), { type: "StageStarted", stage: "optimise", total: 3 });
  assertEquals(events.at(-2), {
    type: "StageAdvanced",
    stage: "optimise",
    done: 2,
    total: 3,
    running: 0,
    cached: 1,
  });
  assertEquals(events.at(-1), {
    type: "StageFinished",
    stage: "optimise",
    detail: "well",
    durationMs: 500,
  });
  assertEquals(stages.durationsMs, { optimise: 500 });
});

Deno.test("StageClock tells nothing of tasks outside their stage, and no end of a stage that failed", async () => {
  const events: ProductionEvent[] = [];
  const stages = new StageClock({ nowMs: () => 0 }, (event) => events.push(event));
  stages.count(taskEvent("TaskRunStarted"));
  assertEquals(events, []);
  const fail = () => Promise.reject(new Error("singular"));
  await assertRejects(() => stages.run("report", undefined, fail, () => ""), Error, "singular");
  assertEquals(events, [{ type: "StageStarted", stage: "report" }]);
  assertEquals(stages.durationsMs, {});
});

Deno.test("AuditTrail gives every intent an outcome: completed, cached, failed or cancelled", async () => {
  const folder = await Deno.makeTempDir();
  const ledger = await openLedger(`${folder}/audit.jsonl`, {
    runId: "r",
    profile: "p",
    versions: {},
    manifestHash: "m",
    lockHash: "l",
    gitHash: null,
  });
  const trail = new AuditTrail(ledger);
  const record = (run: () => number) =>
    trail.record({ step: "s", context: {}, inputs: {}, run, outputs: (result) => ({ result }) });
  await record(() => 1);
  await record(() => {
    trail.note(taskEvent("TaskRunCached"));
    return 2;
  });
  await record(() => {
    trail.note(taskEvent("TaskRunCached"));
    trail.note(taskEvent("TaskRunFinished"));
    return 3;
  });
  const fail = (error: Error) => () => {
    throw error;
  };
  await assertRejects(() => record(fail(new RangeError("singular"))), RangeError);
  await assertRejects(() => record(fail(new FlowCancelledError("stopped"))), FlowCancelledError);
  ledger.close();
  const outcomes = (await Deno.readTextFile(`${folder}/audit.jsonl`)).trim().split("\n")
    .map((line) => JSON.parse(line)).filter(({ type }) => type === "outcome")
    .map(({ status, outputs }) => [status, outputs.result ?? outputs.error]);
  assertEquals(outcomes, [
    ["completed", 1],
    ["cached", 2],
    ["completed", 3],
    ["failed", "singular"],
    ["cancelled", "stopped"],
  ]);
  await Deno.remove(folder, { recursive: true });
});
