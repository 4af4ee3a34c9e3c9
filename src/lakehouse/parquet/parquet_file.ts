import { writeFileAtomic } from "../../base/atomic_file.ts";
import type { Column } from "../columns.ts";
import { decodeParquet, encodeParquet } from "./parquet_codec.ts";

/** Writes a small typed table as one Parquet file (zstd), whole or not at all; makes the folder if needed.
 * @param columns of equal length, in the order in which they shall stand
 * @returns the bytes that were written, for a caller who wants their hash
 * @throws {TypeError} as {@linkcode encodeParquet} */
export async function writeColumns(
  path: string,
  columns: readonly Column[],
): Promise<Uint8Array> {
  const bytes = await encodeParquet(columns);
  await writeFileAtomic(path, bytes);
  return bytes;
}

/** All columns of a Parquet file.
 * @throws {UserError} when the bytes are no whole Parquet file, or hold types that a {@linkcode Column} cannot */
export async function readColumns(path: string): Promise<Column[]> {
  return await decodeParquet(await Deno.readFile(path), path);
}
