import { DAILY, fetchPrices } from "../lakehouse/prices/fetch_prices.ts";
import { openLakehouse } from "../lakehouse/lakehouse.ts";
import { pickPriceTables } from "../lakehouse/prices/price_tables.ts";
import { keepDescription } from "../lakehouse/prices/price_source.ts";
import { readPrices } from "../lakehouse/price_files/read_prices.ts";
import { priceTableName } from "../lakehouse/prices/symbol.ts";
import type { ProductionContext } from "./context.ts";

/** What a fetch did; `read` tables are those of a lakehouse that a run only reads. */
interface FetchOutcome {
  readonly written: number;
  readonly fresh: number;
  readonly read: number;
}

/** Brings the tables of the candidates up to date with a price file; only here does a run write its own lakehouse. One
 * that the prices are taken from belongs to the data operations: it is not written. */
export function fetch(
  context: ProductionContext,
  candidates: readonly string[],
): Promise<FetchOutcome> {
  const { stages, trail, source } = context;
  return stages.run(
    "fetch",
    undefined,
    () =>
      trail.record({
        step: "fetch",
        context: { symbols: candidates.length },
        inputs: { prices: source.sha256 },
        run: () => fetchCandidates(context, candidates),
        outputs: ({ written, fresh, read }) => ({ written, fresh, read }),
      }),
    ({ written, fresh, read }) =>
      source.type === "tables"
        ? `${read} tables to read`
        : `${written} tables written, ${fresh} fresh`,
  );
}

/** Reads the price file only when a table is missing or of another file. A file that had to be read is described, so
 * that the next run need not. */
async function fetchCandidates(
  { folders, source, prices }: ProductionContext,
  candidates: readonly string[],
): Promise<FetchOutcome> {
  if (source.type === "tables") {
    return { written: 0, fresh: 0, read: pickPriceTables(source.tables, candidates).length };
  }
  const lake = openLakehouse(folders.lakehouse);
  const tables = await lake.list();
  const isFresh = (symbol: string) =>
    tables.get(priceTableName(symbol, DAILY))?.sourceSha256 === source.sha256;
  if (candidates.every(isFresh)) {
    if (prices !== undefined) await keepDescription(folders.lakehouse, source);
    return { written: 0, fresh: candidates.length, read: 0 };
  }
  const results = await fetchPrices(lake, prices ?? await readPrices(source.path), candidates);
  await keepDescription(folders.lakehouse, source);
  const written = results.filter(({ status }) => status === "written").length;
  return { written, fresh: results.length - written, read: 0 };
}
