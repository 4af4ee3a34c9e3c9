import { createRng } from "../../../src/base/rng.ts";
import type { ReturnsWindow } from "../../../src/quant/estimators/returns_window.ts";

/** Returns to bench on: `values` is rows × assets, row after row. */
export interface BenchPanel {
  readonly name: string;
  readonly values: Float64Array;
  readonly rows: number;
  readonly assets: number;
}

/** Daily returns of a seeded factor model: a market of 1 % volatility, ten sectors of 0.6 %, and 1.5 % of each asset's
 * own; betas from 0.5 to 1.5, means from 0 to 20 % a year. */
export function factorPanel(seed: number, rows: number, assets: number): BenchPanel {
  const rng = createRng(seed);
  const betas = Array.from({ length: assets }, () => 0.5 + rng.next());
  const means = Array.from({ length: assets }, () => 0.2 * rng.next() / 252);
  const values = new Float64Array(rows * assets);
  for (let t = 0; t < rows; t++) {
    const market = 0.01 * rng.normal();
    const sectors = Array.from({ length: 10 }, () => 0.006 * rng.normal());
    for (let i = 0; i < assets; i++) {
      values[t * assets + i] = means[i] + betas[i] * market + sectors[i % 10] +
        0.015 * rng.normal();
    }
  }
  return { name: `factor model, ${assets} assets × ${rows} days`, values, rows, assets };
}

/** Rows from `from` on of the first n columns. */
export function windowOf(
  { values, assets }: BenchPanel,
  from: number,
  T: number,
  n: number,
): ReturnsWindow {
  if (n === assets) return { values: values.subarray(from * n, (from + T) * n), T, N: n };
  const picked = new Float64Array(T * n);
  for (let t = 0; t < T; t++) {
    const at = (from + t) * assets;
    picked.set(values.subarray(at, at + n), t * n);
  }
  return { values: picked, T, N: n };
}

const STOCKS = 452;
const PACKAGE = "r-cran-huge";
const PRICES = "usr/lib/R/site-library/huge/data/stockdata.rda";
const HERE = new URL(".", import.meta.url).pathname;

/** Daily returns of 452 stocks of the S&P 500, 2003 to 2008, from Debian's package r-cran-huge, which is downloaded and
 * unpacked where it is not installed. Its prices are not adjusted: a split counts as a fall.
 * @throws {Error} when the package cannot be had, or Python is missing */
export async function stockPanel(): Promise<BenchPanel> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-bench-" });
  try {
    const prices = await isFile(`/${PRICES}`) ? `/${PRICES}` : await downloadPrices(folder);
    const bytes = await run("python3", [`${HERE}stocks.py`, prices], folder);
    const values = new Float64Array(bytes.slice().buffer);
    const rows = values.length / STOCKS;
    return { name: `real prices, ${STOCKS} stocks × ${rows} days`, values, rows, assets: STOCKS };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function downloadPrices(folder: string): Promise<string> {
  await run("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", PACKAGE], folder);
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".deb")) await run("dpkg-deb", ["-x", name, "."], folder);
  }
  return `${folder}/${PRICES}`;
}

async function run(command: string, args: string[], cwd: string): Promise<Uint8Array> {
  const { success, code, stdout } = await new Deno.Command(command, {
    args,
    cwd,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot run ${command} ${args.join(" ")}: exit code ${code}`);
  return stdout;
}

/** Whether a file is there. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
