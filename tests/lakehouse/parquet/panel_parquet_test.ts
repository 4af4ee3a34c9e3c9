import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { writeColumns } from "../../../src/lakehouse/parquet/parquet_file.ts";
import {
  panelHash,
  readPanelParquet,
  writePanelParquet,
} from "../../../src/lakehouse/parquet/panel_parquet.ts";
import type { Panel } from "../../../src/quant/panel.ts";

const PANEL: Panel = {
  timestampsS: Float64Array.of(86400, 172800, 259200),
  symbols: ["B", "A"],
  values: Float64Array.of(1, 2, 3, NaN, 0.1 + 0.2, -0.5),
};

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readPanelParquet() gives back the panel bit for bit", () =>
  inFolder(async (folder) => {
    await writePanelParquet(`${folder}/p.parquet`, PANEL);
    assertEquals(await readPanelParquet(`${folder}/p.parquet`), PANEL);
  }));

Deno.test("readPanelParquet() refuses a table that is no panel", () =>
  inFolder(async (folder) => {
    const path = `${folder}/p.parquet`;
    await writeColumns(path, [{ name: "x", dtype: "f64", values: Float64Array.of(1) }]);
    await assertRejects(() => readPanelParquet(path), UserError, 'the first column is "x" (f64)');
  }));

Deno.test("writePanelParquet() refuses a symbol with the name of the time column", () =>
  inFolder(async (folder) => {
    const panel = { ...PANEL, symbols: ["timestamp", "A"] };
    await assertRejects(() => writePanelParquet(`${folder}/p.parquet`, panel), TypeError);
  }));

Deno.test("panelHash() does not depend on the order of columns", () => {
  const swapped: Panel = {
    ...PANEL,
    symbols: ["A", "B"],
    values: Float64Array.of(2, 1, NaN, 3, -0.5, 0.1 + 0.2),
  };
  assertEquals(panelHash(swapped), panelHash(PANEL));
});

Deno.test("panelHash() differs when one value, one date or one symbol does", () => {
  const change = (index: number, value: number) => PANEL.values.with(index, value);
  const others: Panel[] = [
    { ...PANEL, values: change(0, 1 + Number.EPSILON) },
    { ...PANEL, values: change(3, 0) },
    { ...PANEL, timestampsS: PANEL.timestampsS.with(0, 86401) },
    { ...PANEL, symbols: ["B", "C"] },
  ];
  for (const other of others) assertNotEquals(panelHash(other), panelHash(PANEL));
});

Deno.test("panelHash() is the SHA-256 that its description says", () => {
  // Python: hashlib.sha256(b'["A"]' + struct.pack('<dd', 86400, 1.5)).hexdigest()
  const panel = {
    timestampsS: Float64Array.of(86400),
    symbols: ["A"],
    values: Float64Array.of(1.5),
  };
  assertEquals(
    panelHash(panel),
    "eabfab9c494d7c8e411f0e2cdd83bde250ac958c892be0dc10a29970061b16a1",
  );
});
