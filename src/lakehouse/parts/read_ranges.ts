import { errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import type { Column } from "../columns.ts";
import type { ChunkEntry, PartEntry } from "../snapshots/manifest.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { IN_FLIGHT, inParallel } from "../store/parallel.ts";
import type { ColumnSchema } from "../table_schema.ts";
import { decodeChunk } from "./column_chunk.ts";
import { damagedPart } from "./damaged_part.ts";
import { FIRST_CHUNK_AT } from "./part_file.ts";

/** When more of a part than this is wanted, one request for all of it is cheaper. */
const MAX_FRACTION = 0.5;
/** Hexadecimal digits of a hash that a manifest has of a chunk. */
const HASH_DIGITS = 32;

/** Chunks of a part that follow each other. */
export interface ChunkRange {
  readonly start: number;
  readonly end: number;
  /** Of the columns of the file: from the first one to before the second. */
  readonly from: number;
  readonly to: number;
}

/** What a manifest says of a chunk. */
export function chunkEntry(bytes: Uint8Array): ChunkEntry {
  return [bytes.length, sha256Hex(bytes).slice(0, HASH_DIGITS)];
}

/** The ranges of a part that have the columns wanted and no others, rising.
 * @param isWanted of every column of the file, in their order
 * @returns undefined when it is cheaper to read the whole part */
export function planRanges(
  { chunks, sizeBytes }: Pick<PartEntry, "chunks" | "sizeBytes">,
  isWanted: readonly boolean[],
): ChunkRange[] | undefined {
  if (chunks.length !== isWanted.length) return undefined;
  const ranges: ChunkRange[] = [];
  let start = FIRST_CHUNK_AT, wantedBytes = 0;
  chunks.forEach(([chunkBytes], j) => {
    const end = start + chunkBytes;
    if (isWanted[j]) {
      const last = ranges.at(-1);
      if (last?.to === j) ranges[ranges.length - 1] = { ...last, end, to: j + 1 };
      else ranges.push({ start, end, from: j, to: j + 1 });
      wantedBytes += chunkBytes;
    }
    start = end;
  });
  return wantedBytes > sizeBytes * MAX_FRACTION ? undefined : ranges;
}

/** Reads columns of a part with no more bytes than they have, each checked by its hash.
 * @param ranges see {@linkcode planRanges}
 * @param columns all that the part has, in their order
 * @throws {UserError} when the file is gone, or its bytes are not those that were written */
export async function readRanges(
  store: ObjectStore,
  table: string,
  part: PartEntry,
  ranges: readonly ChunkRange[],
  columns: readonly Pick<ColumnSchema, "name" | "dtype">[],
): Promise<Column[]> {
  try {
    const pieces = await inParallel(IN_FLIGHT, ranges, async (range) => {
      const chunksOf = (bytes: Uint8Array) => splitRange(bytes, range, part.chunks);
      const bytes = await store.getRange(
        part.file,
        range.start,
        range.end,
        (bytes) =>
          chunksOf(bytes).forEach((chunk, i) =>
            checkChunk(chunk, part.chunks[range.from + i], columns[range.from + i].name)
          ),
      );
      if (bytes === undefined) throw new Error("the file is gone");
      return chunksOf(bytes).map((chunk, i): Column => {
        const { name, dtype } = columns[range.from + i];
        return { name, dtype, values: decodeChunk(chunk, dtype, part.rows) } as Column;
      });
    });
    return pieces.flat();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw damagedPart(store, table, part, errorMessage(cause), {
      hint: "See lakehouse verify for what is damaged. A version that was dropped cannot be read.",
      cause,
    });
  }
}

function splitRange(
  bytes: Uint8Array,
  { from, to }: ChunkRange,
  chunks: readonly ChunkEntry[],
): Uint8Array[] {
  let at = 0;
  return chunks.slice(from, to).map(([sizeBytes]) => bytes.subarray(at, at += sizeBytes));
}

function checkChunk(bytes: Uint8Array, [, expected]: ChunkEntry, column: string): void {
  const [, found] = chunkEntry(bytes);
  if (found === expected) return;
  throw new Error(
    `expected column "${column}" with a SHA-256 that begins with ${expected}; found ${found}`,
  );
}
