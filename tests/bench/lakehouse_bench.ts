/** Speed of the lakehouse: `deno run -A tests/bench/lakehouse_bench.ts [--python VENV/bin/python]`. Prints Markdown
 * tables: reads of a wide table from S3 (versitygw on this machine), beside Python's readers of the same files when their
 * interpreter is given (requirements in tests/bench/lakehouse/); then writes, a merge and a check in a folder. */
import { parseArgs } from "@std/cli/parse-args";
import type { Column } from "../../src/lakehouse/columns.ts";
import { type Lakehouse, lakehouseOver, openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { closesTable, PRICES_SCHEMA } from "../../src/lakehouse/prices/prices_schema.ts";
import type { TableEntry } from "../../src/lakehouse/snapshots/manifest.ts";
import type { RangeCheck } from "../../src/lakehouse/store/object_store.ts";
import { S3Store } from "../../src/lakehouse/store/s3_store.ts";
import type { TableSchema } from "../../src/lakehouse/table_schema.ts";
import { verifyLakehouse } from "../../src/lakehouse/verify_lakehouse.ts";
import { createRng } from "../../src/base/rng.ts";
import { VERSITYGW, withClient } from "../lakehouse/s3/servers.ts";

const DAYS = 7_560, DAYS_A_YEAR = 252, COLUMNS = 500, DAY_S = 86_400;
const SYMBOLS = 1_200, SYMBOL_DAYS = 1_260;
const RUNS = 5;
const TWO = ["S3", "S400"];

function wideColumns(): Column[] {
  const rng = createRng(1);
  const symbols = Array.from({ length: COLUMNS }, (_, j): Column => {
    let price = 100;
    const values = Float64Array.from({ length: DAYS }, () => price *= 1 + 0.01 * rng.normal());
    return { name: `S${j}`, dtype: "f64", values };
  });
  const times = Float64Array.from({ length: DAYS }, (_, i) => i * DAY_S);
  return [{ name: "timestamp", dtype: "i64", values: times }, ...symbols];
}

function schemaOf(columns: readonly Column[]): TableSchema {
  return {
    name: "wide",
    version: 1,
    columns: columns.map(({ name, dtype }) => ({ name, dtype, nullable: false, unit: "" })),
    sortedBy: ["timestamp"],
    uniqueKeys: ["timestamp"],
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

async function median(work: () => Promise<unknown>): Promise<number> {
  await work();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push(await seconds(work));
  return times.sort((a, b) => a - b)[RUNS >> 1];
}

/** Bytes that the last read took. */
class CountingStore extends S3Store {
  bytes = 0;

  override async get(key: string) {
    const found = await super.get(key);
    this.bytes += found?.bytes.length ?? 0;
    return found;
  }

  override async getRange(key: string, start: number, end: number, check: RangeCheck) {
    this.bytes += end - start;
    return await super.getRange(key, start, end, check);
  }
}

async function benchReads(python: string | undefined): Promise<void> {
  await VERSITYGW.use((server) =>
    withClient(server, async (client) => {
      const store = new CountingStore(client, { bucket: server.bucket, prefix: "bench/" });
      const lake = lakehouseOver(store);
      const columns = wideColumns(), schema = schemaOf(columns);
      let entry: TableEntry | undefined;
      const write = await seconds(async () => {
        [entry] = await lake.writeTables(
          [{ name: "WIDE", schema, columns, mode: "replace", sourceSha256: null }],
        );
      });
      const { parts, rows } = entry!;
      const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
      print(
        `${rows} rows x ${columns.length} columns, ${parts.length} files, ${
          mib(sizeBytes)
        }; written in ${write.toFixed(2)} s\n`,
      );
      const from = (DAYS - DAYS_A_YEAR) * DAY_S, to = (DAYS - 1) * DAY_S;
      const read = {
        columns: () => lake.readTable(entry!, schema, { columns: TWO }),
        year: () => lake.readTable(entry!, schema, { from, to }),
      };
      const ours = { columns: await median(read.columns), year: await median(read.year) };
      const bytes = {
        columns: await bytesOf(store, read.columns),
        year: await bytesOf(store, read.year),
      };
      const keys = parts.map(({ file }) => `${server.bucket}/bench/${file}`);
      const peers = python === undefined
        ? {}
        : await runPeer(python, [`${from}`, `${to}`, ...keys], server.env);
      print("| Reader | 2 of 500 columns | one year of thirty |\n| --- | ---: | ---: |");
      for (const [name, { columns, year }] of Object.entries({ Tradewind: ours, ...peers })) {
        print(`| ${name} | ${ms(columns)} | ${ms(year)} |`);
      }
      print(`| Tradewind, bytes read | ${mib(bytes.columns)} | ${mib(bytes.year)} |\n`);
    })
  );
}

async function bytesOf(store: CountingStore, work: () => Promise<unknown>): Promise<number> {
  store.bytes = 0;
  await work();
  return store.bytes;
}

async function runPeer(
  python: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Record<string, { columns: number; year: number }>> {
  const script = new URL("lakehouse/peer.py", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [script, ...args],
    env,
  })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function benchSymbols(): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const lake = openLakehouse(dir);
    const write = await seconds(() => writeDays(lake, 0, SYMBOL_DAYS, "replace"));
    const merge = await seconds(() => writeDays(lake, SYMBOL_DAYS, SYMBOL_DAYS + 1, "merge"));
    const again = await seconds(() => writeDays(lake, SYMBOL_DAYS + 1, SYMBOL_DAYS + 2, "merge"));
    const verify = await seconds(() => verifyLakehouse(lake.store, () => {}));
    print(`| ${SYMBOLS} tables of ${SYMBOL_DAYS} days | Seconds |\n| --- | ---: |`);
    for (
      const [name, time] of Object.entries({
        "write, in a folder": write,
        "merge of a day": merge,
        "merge of the next day": again,
        "verify all three versions": verify,
      })
    ) print(`| ${name} | ${time.toFixed(2)} |`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function writeDays(lake: Lakehouse, from: number, to: number, mode: "merge" | "replace") {
  const times = Float64Array.from({ length: to - from }, (_, i) => (from + i) * DAY_S);
  return lake.writeTables(Array.from({ length: SYMBOLS }, (_, j) => ({
    name: `SYMBOL_${j}_1d`,
    schema: PRICES_SCHEMA,
    columns: closesTable(times, times.map((time) => 1 + j + Math.sin(time + j) ** 2)),
    mode,
    sourceSha256: null,
  })));
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const ms = (time: number) => `${(time * 1000).toFixed(0)} ms`;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

if (import.meta.main) {
  const { python } = parseArgs(Deno.args, { string: ["python"] });
  await benchReads(typeof python === "string" ? python : undefined);
  await benchSymbols();
}
