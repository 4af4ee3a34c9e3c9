import { z } from "zod";
import { errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A path within a folder that cannot lead out of it. */
const path = z.string().regex(
  /^(?!.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9_.~-]+(?:\/[A-Za-z0-9_.~-]+)*$/,
);

/** The name of a file or folder of the user's. */
const name = z.string().regex(/^(?!\.{1,2}$)[^/\\\0]{1,255}$/);

const RUN_INDEX = z.strictObject({
  version: z.literal(1),
  runId: z.string(),
  /** Who wrote it last. */
  writer: z.string(),
  /** Files of the run's folder: the objects that they are made of, one after the other. */
  files: z.record(path, z.strictObject({ parts: z.array(sha256), sizeBytes: z.int().min(0) })),
  /** Packs of results of tasks, and the cache keys of what is in them. */
  results: z.array(z.strictObject({ pack: sha256, keys: z.array(sha256) })),
  inputs: z.strictObject({
    /** What the run takes its prices from. */
    prices: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("file"), name, sha256 }),
      z.strictObject({
        type: z.literal("tables"),
        name,
        tables: z.array(z.strictObject({ name: path, sha256, sourceSha256: sha256.nullable() })),
      }),
    ]).nullable(),
    tradedValues: z.strictObject({ name, sha256 }).nullable(),
  }),
});

/** What a remote has of a run, at one moment. The objects that it names are there before it says so, and are never
 * changed. */
export type RunIndex = Readonly<z.infer<typeof RUN_INDEX>>;

/** Where the index of a run lies in a remote: what is swapped there, a reader sees as a whole. */
export function indexKey(runId: string): string {
  return `runs/${runId}/index.json`;
}

/** Where an object lies in a remote: named by its content, so that runs share what they have in common. */
export function objectKey(sha256: string): string {
  return `objects/${sha256}`;
}

/** An index with the tag that it can be swapped by.
 * @returns undefined when the remote has no such run
 * @throws {UserError} when what is there is no index of this run */
export async function readIndex(
  remote: ObjectStore,
  runId: string,
): Promise<{ readonly index: RunIndex; readonly tag: string } | undefined> {
  const found = await remote.get(indexKey(runId));
  if (found === undefined) return undefined;
  try {
    const index = RUN_INDEX.parse(JSON.parse(new TextDecoder().decode(found.bytes)));
    if (index.runId !== runId) throw new Error(`it is of run ${index.runId}`);
    return { index, tag: found.tag };
  } catch (cause) {
    throw new UserError(
      "mirror/damaged",
      `Cannot use ${remote.url}/${indexKey(runId)}: it is no index of run ${runId}: ${
        errorMessage(cause)
      }`,
      { cause },
    );
  }
}

/** The bytes of an object.
 * @throws {UserError} when it is not there, or not what its name says */
export async function readObject(remote: ObjectStore, sha256: string): Promise<Uint8Array> {
  const found = await remote.get(objectKey(sha256));
  const problem = found === undefined
    ? "it is not there"
    : sha256Hex(found.bytes) !== sha256
    ? "its bytes are others"
    : undefined;
  if (found !== undefined && problem === undefined) return found.bytes;
  throw new UserError(
    "mirror/damaged",
    `Cannot read ${remote.url}/${objectKey(sha256)}: ${problem}`,
    {
      hint: "The mirror of the run is damaged: it cannot be opened from there.",
    },
  );
}
