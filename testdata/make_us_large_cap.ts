/** Makes us_large_cap.parquet from the data set that the skfolio wheel carries; README.md has the commands. */
import { gunzipSync } from "node:zlib";
import { UserError } from "../src/base/errors.ts";
import { sha256Hex } from "../src/base/hash.ts";
import { writeColumns } from "../src/lakehouse/parquet/parquet_file.ts";
import { parsePricesCsv } from "../src/lakehouse/price_files/prices_csv.ts";

/** Of sp500_dataset.csv.gz in skfolio 1.12.2: another file would make other test data. */
const SOURCE_SHA256 = "ee21cac28befb1d0a739a9ceb22184f995394726aa0cfde9a21941d1ac04ac0d";

/** Writes the prices of a gzipped wide CSV as Parquet: `date`, then one f64 column a symbol.
 * @throws {UserError} when the file is not the one that the test data are made of */
export async function makeUsLargeCap(csvGzPath: string, parquetPath: string): Promise<void> {
  const compressed = await Deno.readFile(csvGzPath);
  const found = sha256Hex(compressed);
  if (found !== SOURCE_SHA256) {
    throw new UserError(
      "file/unreadable",
      `Cannot use ${csvGzPath}: its SHA-256 is ${found}, not ${SOURCE_SHA256}`,
    );
  }
  const { timestampsS, symbols, values } = parsePricesCsv(gunzipSync(compressed), csvGzPath);
  await writeColumns(parquetPath, [
    { name: "date", dtype: "date", values: timestampsS },
    ...symbols.map((name, j) => ({
      name,
      dtype: "f64" as const,
      values: Float64Array.from(timestampsS, (_, i) => values[i * symbols.length + j]),
    })),
  ]);
}

if (import.meta.main) {
  await makeUsLargeCap(Deno.args[0], new URL("us_large_cap.parquet", import.meta.url).pathname);
}
