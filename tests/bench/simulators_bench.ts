/** Prints how many bars × assets a second the simulators take, beside vectorbt when it is there:
 * `deno run -A tests/bench/simulators_bench.ts [--python PATH]`, a Python that has vectorbt. */
import { parseArgs } from "@std/cli/parse-args";
import { simulateEvent } from "../../src/quant/simulators/simulate_event.ts";
import { simulateOrders } from "../../src/quant/simulators/simulate_orders.ts";
import { simulateVectorized } from "../../src/quant/simulators/simulate_vectorized.ts";

/** Bars, assets, and bars from one rebalance to the next. */
type Shape = readonly [bars: number, assets: number, every: number];

const SHAPES: readonly Shape[] = [
  [2_520, 25, 20],
  [2_520, 25, 1],
  [2_520, 500, 20],
  [2_520, 500, 1],
];
const RUNS = 3;

const { python } = parseArgs(Deno.args, { string: ["python"] }) as { python?: string };
const peer = python === undefined ? undefined : vectorbtSeconds(python);
const lines = [
  "| Bars × assets, rebalanced | vectorized | orders | event | vectorbt | orders / vectorbt |",
  "| --- | ---: | ---: | ---: | ---: | ---: |",
];
SHAPES.forEach((shape, k) => {
  const [bars, assets, every] = shape;
  const rate = (seconds: number) => bars * assets / seconds / 1e6;
  const ours = simulatorsOf(shape).map((run) => rate(leastSeconds(run)));
  const theirs = peer === undefined ? undefined : rate(peer[k]);
  const cells = [
    `${bars.toLocaleString("en-US")} × ${assets}, ${every === 1 ? "every bar" : `every ${every}`}`,
    ...ours.map((value) => value.toFixed(1)),
    theirs?.toFixed(1) ?? "",
    theirs === undefined ? "" : `${(ours[1] / theirs).toFixed(2)}×`,
  ];
  lines.push(`| ${cells.join(" | ")} |`);
});
// deno-lint-ignore no-console -- a bench prints its table
console.log(lines.join("\n"));

function leastSeconds(run: () => unknown): number {
  run();
  const seconds = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  });
  return Math.min(...seconds);
}

function simulatorsOf([bars, assets, every]: Shape): (() => unknown)[] {
  const random = lehmer(1);
  const values = Float64Array.from({ length: bars * assets }, () => (random() - 0.5) / 30);
  const close = new Float64Array(bars * assets).fill(100);
  for (let at = assets; at < close.length; at++) close[at] = close[at - assets] * (1 + values[at]);
  const open = close.slice();
  open.copyWithin(assets, 0);
  const marketBars = {
    rows: bars,
    cols: assets,
    open,
    close,
    high: open.map((price, at) => Math.max(price, close[at])),
    low: open.map((price, at) => Math.min(price, close[at])),
    volume: new Float64Array(bars * assets).fill(1e6),
  };
  const targets = Array.from({ length: Math.floor((bars - 1) / every) }, (_, k) => {
    const mix = Float64Array.from({ length: assets }, random);
    const sum = mix.reduce((total, part) => total + part, 0);
    return { row: 1 + k * every, weights: mix.map((part) => 0.95 * part / sum) };
  });
  const costs = { slippageBps: 5, commissionBps: 1 };
  const shares = {
    bars: marketBars,
    targets,
    rebalance: { mode: "window" as const },
    costs: { ...costs, borrowFeeBps: 0, loanBps: 0, periodsPerYear: 252 },
    rules: { lotSizes: new Float64Array(assets), minNotional: 0, tickSize: 0 },
    maintenanceMargin: 0.25,
    initialWealth: 1e6,
  };
  const returns = { values, rows: bars, cols: assets };
  return [
    () => simulateVectorized({ returns, targets, ...costs, initialWealth: 1e6 }),
    () => simulateOrders({ ...shares, fillAt: "close" }),
    () => simulateEvent({ ...shares, orderType: "market", offsetBps: 0, maxVolumeShare: 0.1 }),
  ];
}

/** Numbers in (0, 1): the minimal standard generator of Park and Miller (1988). */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
}

function vectorbtSeconds(path: string): number[] {
  const script = new URL("simulators/vectorbt_peer.py", import.meta.url).pathname;
  const { success, stdout, stderr } = new Deno.Command(path, {
    args: [script, JSON.stringify(SHAPES)],
  }).outputSync();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot time vectorbt: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout)) as number[];
}
