import { type FileMetaData, parquetMetadata } from "hyparquet";
import { errorMessage, UserError } from "../../base/errors.ts";
import type { Column } from "../columns.ts";
import type { PartEntry } from "../snapshots/manifest.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { IN_FLIGHT, inParallel } from "../store/parallel.ts";
import { bufferOf, decodeColumns } from "./decode_columns.ts";

/** When more of a part than this is wanted, one request for all of it is cheaper, and its hash can be checked. */
const MAX_FRACTION = 0.5;

/** Of a file with hundreds of columns they take about a megabyte. */
const MAX_KNOWN_METADATA = 64;
const KNOWN_METADATA = new Map<string, FileMetaData>();

/** Bytes of a file from `start` to before `end`. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Reads columns of a part with no more bytes than they and the footer have. The hash of the whole cannot be checked so;
 * what does not decode is refused.
 * @param names at least one, in the order of the file
 * @returns undefined when it is cheaper to read the whole part
 * @throws {UserError} when the file is gone, or is no Parquet file with these columns */
export async function readRanges(
  store: ObjectStore,
  table: string,
  part: PartEntry,
  names: readonly string[],
): Promise<Column[] | undefined> {
  if (part.footerBytes > part.sizeBytes * MAX_FRACTION) return undefined;
  const fetchRange = async ({ start, end }: ByteRange): Promise<Uint8Array> => {
    const bytes = await store.getRange(part.file, start, end);
    if (bytes !== undefined) return bytes;
    throw refusal(store, table, part, "the file is gone");
  };
  try {
    const metadata = await readMetadata(store, part, fetchRange);
    const ranges = joinAdjacent(chunkRanges(metadata, names));
    const wantedBytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    if (wantedBytes + part.footerBytes > part.sizeBytes * MAX_FRACTION) return undefined;
    const pieces = await inParallel(IN_FLIGHT, ranges, fetchRange);
    return await decodeColumns(
      metadata,
      part.sizeBytes,
      names,
      (start, end) => assemble(start, end, ranges, pieces),
    );
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw refusal(store, table, part, errorMessage(cause), cause);
  }
}

/** What a footer says. A file never changes and its name is used once: it is asked for and parsed once in a process. */
async function readMetadata(
  { url }: ObjectStore,
  { file, sha256, sizeBytes, footerBytes }: PartEntry,
  fetchRange: (range: ByteRange) => Promise<Uint8Array>,
): Promise<FileMetaData> {
  const key = `${url}/${file} ${sha256}`;
  const known = KNOWN_METADATA.get(key);
  if (known !== undefined) return known;
  const footer = await fetchRange({ start: sizeBytes - footerBytes, end: sizeBytes });
  const metadata = parquetMetadata(bufferOf(footer));
  const [oldest] = KNOWN_METADATA.keys();
  if (KNOWN_METADATA.size >= MAX_KNOWN_METADATA && oldest !== undefined) {
    KNOWN_METADATA.delete(oldest);
  }
  KNOWN_METADATA.set(key, metadata);
  return metadata;
}

/** Where the chunks of columns are, rising. */
function chunkRanges(metadata: FileMetaData, names: readonly string[]): ByteRange[] {
  const missing = names.find((name) => !metadata.schema.some((element) => element.name === name));
  if (missing !== undefined) throw new Error(`it has no column "${missing}"`);
  return metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data: chunk }) => {
      if (chunk === undefined || !names.includes(chunk.path_in_schema[0])) return [];
      const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
      return [{ start, end: start + Number(chunk.total_compressed_size) }];
    })
  ).sort((a, b) => a.start - b.start);
}

function joinAdjacent(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last?.end === range.start) joined[joined.length - 1] = { ...last, end: range.end };
    else joined.push(range);
  }
  return joined;
}

/** The bytes from `start` to before `end`; between the ranges that were fetched lie columns that nobody decodes. */
function assemble(
  start: number,
  end: number,
  ranges: readonly ByteRange[],
  pieces: readonly Uint8Array[],
): ArrayBuffer {
  const out = new Uint8Array(end - start);
  ranges.forEach((range, i) => {
    const from = Math.max(start, range.start), to = Math.min(end, range.end);
    if (from < to) out.set(pieces[i].subarray(from - range.start, to - range.start), from - start);
  });
  return out.buffer;
}

function refusal(
  store: ObjectStore,
  table: string,
  { file }: PartEntry,
  reason: string,
  cause?: unknown,
): UserError {
  return new UserError(
    "lakehouse/damaged",
    `Cannot read table ${table} (${store.url}/${file}): ${reason}`,
    {
      hint: "See lakehouse verify for what is damaged. A version that was dropped cannot be read.",
      cause,
    },
  );
}
