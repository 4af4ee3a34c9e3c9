import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { UserError } from "../../src/base/errors.ts";
import { fetchPrices } from "../../src/lakehouse/prices/fetch_prices.ts";
import { openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { panelHash, readPanelParquet } from "../../src/lakehouse/parquet/panel_parquet.ts";
import { artifactPath } from "../../src/production/tasks/artifact_store.ts";
import type { PriceSelection } from "../../src/production/tasks/audit_candidates.ts";
import { buildReturns, type ReturnsMatrix } from "../../src/production/tasks/build_returns.ts";

const DAY_S = 86_400;
const SHA256 = "a".repeat(64);

/** Prices of A, B and C: B is listed on day 2, C has a hole on day 3. */
const PRICES = [
  [100, NaN, 10],
  [110, 50, 20],
  [121, 55, NaN],
  [121, 44, 30],
];

async function withLake(
  test: (
    build: (selection?: Partial<PriceSelection>) => Promise<ReturnsMatrix>,
    storeDir: string,
  ) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const panel = {
      timestampsS: Float64Array.from(PRICES, (_, row) => (row + 1) * DAY_S),
      symbols: ["A", "B", "C"],
      values: Float64Array.from(PRICES.flat()),
    };
    const lakehouse = `${dir}/lake`;
    await fetchPrices(
      openLakehouse(lakehouse),
      { path: "prices.csv", sha256: SHA256, panel },
      panel.symbols,
    );
    const selection = { lakehouse, sourceSha256: SHA256, symbols: panel.symbols, lastRows: 500 };
    const build = async (changed: Partial<PriceSelection> = {}) =>
      await buildReturns[TASK_BODY]({ ...selection, ...changed }, "24x7", `${dir}/store`);
    await test(build, `${dir}/store`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("buildReturns() turns T prices into T - 1 returns; before a listing there are none", () =>
  withLake(async (build) => {
    const { panel } = await build();
    assertEquals(panel.symbols, ["A", "B", "C"]);
    assertEquals([...panel.timestampsS], [2 * DAY_S, 3 * DAY_S, 4 * DAY_S]);
    const expected = [[0.1, NaN, 1], [0.1, 0.1, 0], [0, -0.2, 0.5]].flat();
    panel.values.forEach((value, at) =>
      Number.isNaN(expected[at])
        ? assertEquals(value, NaN)
        : assertAlmostEquals(value, expected[at], 1e-12)
    );
  }));

Deno.test("buildReturns() stores the matrix that it returns, under its hash", () =>
  withLake(async (build, storeDir) => {
    const { panel, hash, artifact } = await build();
    assertEquals(hash, panelHash(panel));
    assertEquals(await readPanelParquet(artifactPath(storeDir, artifact)), panel);
  }));

Deno.test("buildReturns() makes the same file and hash each time, and others for other symbols", () =>
  withLake(async (build) => {
    const first = await build();
    assertEquals(await build(), first);
    const fewer = await build({ symbols: ["A", "C"] });
    assertEquals(fewer.panel.symbols, ["A", "C"]);
    assertEquals(fewer.hash === first.hash, false);
  }));

Deno.test("buildReturns() counts the last rows in prices", () =>
  withLake(async (build) => {
    const { panel } = await build({ lastRows: 2 });
    assertEquals([panel.timestampsS.length, panel.timestampsS[0]], [1, 4 * DAY_S]);
  }));

Deno.test("buildReturns() refuses prices of another source, and symbols without a table", () =>
  withLake(async (build) => {
    await assertRejects(() => build({ sourceSha256: "b".repeat(64) }), UserError, "another source");
    await assertRejects(() => build({ symbols: ["Z"] }), UserError, "it has no table");
  }));

Deno.test("buildReturns() of coins and stocks has the rows of the exchange, the weekend in Monday's return", async () => {
  const dir = await Deno.makeTempDir();
  try {
    // From Friday 2024-01-05 on: the stock rests at weekends and on the holiday of the 15th.
    const isOpen = (day: number) => ![6, 7, 13, 14, 15, 20, 21].includes(day);
    const days = Array.from({ length: 18 }, (_, k) => 5 + k);
    const panel = {
      timestampsS: Float64Array.from(days, (day) => Date.UTC(2024, 0, day) / 1000),
      symbols: ["COIN", "STOCK"],
      values: Float64Array.from(days.flatMap((day) => [1.1 ** day, isOpen(day) ? day : NaN])),
    };
    const lakehouse = `${dir}/lake`;
    await fetchPrices(
      openLakehouse(lakehouse),
      { path: "prices.csv", sha256: SHA256, panel },
      panel.symbols,
    );
    const selection = { lakehouse, sourceSha256: SHA256, symbols: panel.symbols, lastRows: 500 };
    const matrix = await buildReturns[TASK_BODY](selection, "24x7", `${dir}/store`);
    assertEquals(matrix.calendar, "XNYS");
    const sessions = days.filter(isOpen);
    const dates = [...matrix.panel.timestampsS].map((s) => new Date(s * 1000).getUTCDate());
    assertEquals(dates, sessions.slice(1));
    sessions.slice(1).forEach((day, row) => {
      const before = sessions[row];
      assertAlmostEquals(matrix.panel.values[2 * row], 1.1 ** (day - before) - 1, 1e-12);
      assertAlmostEquals(matrix.panel.values[2 * row + 1], day / before - 1, 1e-12);
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
