/** Walks forward with every profile, 252 days to train on for each 20, beside skfolio's `WalkForward`:
 * `deno run -A tests/bench/walk_forward_bench.ts [--panel factors|stocks] [--windows N] [--peer-windows 3]`.
 * Prints a Markdown table. */
import { parseArgs } from "@std/cli/parse-args";
import { PROFILE_NAMES, type ProfileName } from "../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../src/quant/optimizers/qp_solver.ts";
import { factorPanel, stockPanel, windowOf } from "./optimizers/panel.ts";
import { askPeer, note, tableCell, tableRow } from "./optimizers/peer.ts";
import { solveOnce, solveTogether } from "./optimizers/tradewind.ts";

const TRAIN = 252, TEST = 20, SEED = 1;

/** What the peer's walk of a profile took, and came to. */
interface PeerWalk {
  readonly profile: string;
  readonly seconds?: number;
  readonly testReturns?: readonly number[];
  readonly failed?: string;
}

/** Ours. */
interface Walk {
  readonly seconds: number;
  /** Of every test row, in order. */
  readonly testReturns: Float64Array;
}

const flags = parseArgs(Deno.args, { string: ["panel", "windows", "peer-windows"] });
const panel = flags.panel === "stocks" ? await stockPanel() : factorPanel(SEED, 2520, 500);
const windows = Number(flags.windows ?? Math.floor((panel.rows - TRAIN) / TEST));
const peerWindows = Number(flags["peer-windows"] ?? 3);
const solver = await loadQpSolver();
solveTogether(trainOf(0), PROFILE_NAMES, solver);

note(`tradewind, ${panel.name}`);
const walks = new Map(PROFILE_NAMES.map((profile) => [profile, walk(profile)]));
const togetherS = secondsOf(() => {
  for (let w = 0; w < windows; w++) solveTogether(trainOf(w), PROFILE_NAMES, solver);
});
note("skfolio");
const peers = await askPeer<PeerWalk>("walk_forward.py", panel, {
  train: TRAIN,
  test: TEST,
  windows: peerWindows,
});
printTable();

/** The first row of the test of a window: the last windows of the panel are taken. */
function testStart(w: number): number {
  return panel.rows - (windows - w) * TEST;
}

function trainOf(w: number) {
  return windowOf(panel, testStart(w) - TRAIN, TRAIN, panel.assets);
}

function walk(profile: ProfileName): Walk {
  const testReturns = new Float64Array(windows * TEST);
  const seconds = secondsOf(() => {
    for (let w = 0; w < windows; w++) {
      const weights = solveOnce(trainOf(w), profile, solver);
      const test = windowOf(panel, testStart(w), TEST, panel.assets);
      for (let t = 0; t < TEST; t++) {
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i] * test.values[t * test.N + i];
        testReturns[w * TEST + t] = sum;
      }
    }
  });
  return { seconds, testReturns };
}

function secondsOf(work: () => void): number {
  const startedAt = performance.now();
  work();
  return (performance.now() - startedAt) / 1000;
}

function printTable(): void {
  const lines = [
    tableRow([
      panel.name,
      `${windows} windows, s`,
      "a window, ms",
      `skfolio, ${peerWindows} windows, s`,
      "a window, ms",
      "skfolio / tradewind",
      "test returns apart, bp",
    ]),
    tableRow(["---", "---:", "---:", "---:", "---:", "---:", "---:"]),
  ];
  let oursMs = 0, theirsMs = 0;
  for (const [profile, { seconds, testReturns }] of walks) {
    const peer = peers?.find((one) => one.profile === profile);
    const ms = seconds / windows * 1000;
    const peerMs = peer?.seconds === undefined ? undefined : peer.seconds / peerWindows * 1000;
    if (peerMs !== undefined) [oursMs, theirsMs] = [oursMs + ms, theirsMs + peerMs];
    lines.push(tableRow([
      profile,
      tableCell(seconds),
      tableCell(ms),
      tableCell(peer?.seconds),
      tableCell(peerMs),
      peerMs === undefined ? "" : `${tableCell(peerMs / ms)}×`,
      tableCell(peer?.testReturns && basisPointsApart(testReturns, peer.testReturns)),
    ]));
  }
  const ratio = oursMs === 0 ? "" : `${tableCell(theirsMs / oursMs)}×`;
  const shared = ["what both have", "", tableCell(oursMs), "", tableCell(theirsMs), ratio, ""];
  if (oursMs > 0) lines.push(tableRow(shared));
  const together = ["all, moments once a window", tableCell(togetherS)];
  lines.push(tableRow([...together, tableCell(togetherS / windows * 1000), "", "", "", ""]));
  // deno-lint-ignore no-console -- a bench prints its table
  console.log(lines.join("\n"));
  for (const { profile, failed } of peers ?? []) if (failed) note(`${profile}: ${failed}`);
  note(`load ${Deno.loadavg()[0].toFixed(1)}`);
}

/** The mean difference of the last returns, which both have, in 0.01 %: by it one sees whether the problem is the
 * same. */
function basisPointsApart(ours: Float64Array, theirs: readonly number[]): number {
  const count = Math.min(ours.length, theirs.length);
  let sum = 0;
  for (let k = 1; k <= count; k++) {
    sum += Math.abs(ours[ours.length - k] - theirs[theirs.length - k]);
  }
  return sum / count * 1e4;
}
