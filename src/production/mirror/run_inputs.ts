import { basename } from "@std/path";
import { sha256Hex } from "../../base/hash.ts";
import { UserError } from "../../base/errors.ts";
import { openLakehouse } from "../../lakehouse/lakehouse.ts";
import { decodeParquet, encodeParquet } from "../../lakehouse/parquet/parquet_codec.ts";
import { EXECUTION_SCHEMA } from "../../lakehouse/prices/execution_table.ts";
import { readPinnedTables } from "../../lakehouse/pinned_version.ts";
import { withLakehouse } from "../../lakehouse/place.ts";
import { SYMBOLS_SCHEMA } from "../../lakehouse/prices/symbols_table.ts";
import type { TableSchema } from "../../lakehouse/table_schema.ts";
import { PRICES_SCHEMA } from "../../lakehouse/prices/prices_schema.ts";
import type { PriceSource, PriceTables } from "../../lakehouse/prices/price_source.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import { readObject, type RunIndex } from "./run_index.ts";

/** What a run rests on, as its index tells it. */
export type RunInputs = RunIndex["inputs"];

type Put = (bytes: Uint8Array) => Promise<string>;

/** Sends what a run rests on: its price file, or the tables of its symbols, and its file of traded values.
 * @param symbols of a lakehouse that the run looks at
 * @throws {UserError} when a file is not the one any more that the run began with */
export async function sendInputs(
  config: ProductionConfig,
  source: PriceSource,
  symbols: readonly string[],
  put: Put,
): Promise<RunInputs> {
  const traded = config.selection.traded_values;
  return {
    prices: source.type === "file"
      ? {
        type: "file",
        name: basename(source.path),
        sha256: await put(await readUnchanged(source.path, source.sha256)),
      }
      : {
        type: "tables",
        name: basename(source.path),
        tables: await sendTables(source, symbols, put),
      },
    tradedValues: traded === undefined
      ? null
      : { name: basename(traded), sha256: await put(await Deno.readFile(traded)) },
  };
}

/** Tables that tell of symbols beside their bars. */
const SYMBOL_SCHEMAS = [SYMBOLS_SCHEMA, EXECUTION_SCHEMA];

function schemaOf(table: string): TableSchema {
  return SYMBOL_SCHEMAS.find(({ name }) => name === table) ?? PRICES_SCHEMA;
}

function sendTables(
  { path, tables, pinned, isOffline }: PriceTables,
  symbols: readonly string[],
  put: Put,
) {
  return withLakehouse(path, async (lake) => {
    const { tables: all } = await readPinnedTables(lake, pinned);
    const known = SYMBOL_SCHEMAS.flatMap(({ name }) => all.get(name) ?? []);
    const sent: { name: string; sha256: string; sourceSha256: string | null }[] = [];
    for (const entry of [...symbols.map((symbol) => tables.get(symbol)!), ...known]) {
      const bytes = await encodeParquet(await lake.readTable(entry, schemaOf(entry.name)));
      sent.push({
        name: entry.name,
        sha256: await put(bytes),
        sourceSha256: entry.sourceSha256,
      });
    }
    return sent;
  }, { isOffline });
}

/** Brings what a run rests on into a folder.
 * @returns the configuration with the paths there */
export async function bringInputs(
  remote: ObjectStore,
  { prices, tradedValues }: RunInputs,
  folder: string,
  config: ProductionConfig,
): Promise<ProductionConfig> {
  await Deno.mkdir(folder, { recursive: true });
  const bring = async ({ name, sha256 }: { readonly name: string; readonly sha256: string }) => {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, await readObject(remote, sha256));
    return path;
  };
  const { selection } = config;
  return {
    ...config,
    ...prices === null ? {} : {
      prices: prices.type === "file"
        ? await bring(prices)
        : await bringTables(remote, prices.tables, `${folder}/${prices.name}`),
    },
    ...tradedValues === null
      ? {}
      : { selection: { ...selection, traded_values: await bring(tradedValues) } },
  };
}

async function bringTables(
  remote: ObjectStore,
  tables: readonly { name: string; sha256: string; sourceSha256: string | null }[],
  folder: string,
): Promise<string> {
  const lake = openLakehouse(folder);
  const writes = [];
  for (const { name, sha256, sourceSha256 } of tables) {
    const columns = await decodeParquet(await readObject(remote, sha256), name);
    writes.push({ name, schema: schemaOf(name), columns, mode: "replace" as const, sourceSha256 });
  }
  await lake.writeTables(writes);
  return folder;
}

async function readUnchanged(path: string, sha256: string): Promise<Uint8Array> {
  const bytes = await Deno.readFile(path);
  if (sha256Hex(bytes) === sha256) return bytes;
  throw new UserError(
    "run/changed-input",
    `Cannot mirror ${path}: it was changed since the run began`,
  );
}
