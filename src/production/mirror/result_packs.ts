import { decodeValue, encodeValue } from "../../base/value_codec.ts";
import type { FlowStore } from "../../flow/mod.ts";

/** Results are sent together up to so many bytes: one request for hundreds of small ones. */
const PACK_BYTES = 8 * 2 ** 20;

interface PackedResult {
  readonly key: string;
  readonly taskName: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** The results that a run has come to, in packs.
 * @param without cache keys of those that are not wanted */
export function* packResults(
  store: FlowStore,
  runId: string,
  without: ReadonlySet<string>,
): Generator<{ readonly keys: string[]; readonly bytes: Uint8Array }> {
  const done = store.runs.taskRuns(runId, { states: ["Completed", "Cached"] });
  const taskOf = new Map(
    done.flatMap(({ cacheKey, taskName }) =>
      cacheKey === null || without.has(cacheKey) ? [] : [[cacheKey, taskName] as const]
    ),
  );
  let waiting: PackedResult[] = [], size = 0;
  const pack = () => {
    const packed = { keys: waiting.map(({ key }) => key), bytes: encodeValue(waiting) };
    waiting = [];
    size = 0;
    return packed;
  };
  for (const [key, taskName] of taskOf) {
    const result = store.results.find(key);
    if (result === undefined) continue;
    waiting.push({ key, taskName, sha256: result.sha256, bytes: result.bytes });
    size += result.bytes.length;
    if (size >= PACK_BYTES) yield pack();
  }
  if (waiting.length > 0) yield pack();
}

/** Puts the results of a pack into the cache of a store.
 * @param bytes as {@linkcode packResults} gave them */
export async function unpackResults(
  store: FlowStore,
  bytes: Uint8Array,
  nowMs: number,
): Promise<void> {
  for (const { key, taskName, ...result } of decodeValue(bytes) as readonly PackedResult[]) {
    const keep = await store.results.prepare(key, taskName, result, nowMs);
    keep();
  }
}
