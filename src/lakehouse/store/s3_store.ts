import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { CodedError, errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import {
  checkKey,
  type ListedObject,
  type ObjectStore,
  type RangeCheck,
  type StoredObject,
} from "./object_store.ts";
import { IN_FLIGHT, inParallel } from "./parallel.ts";
import { uploadInParts } from "./s3_multipart.ts";
import type { S3Location } from "./s3_location.ts";

/** Objects are moved in pieces of so many bytes, several at a time. */
const PIECE_BYTES = 8 * 2 ** 20;
/** How often the whole of a read is tried: a body that was cut off arrives after the SDK's own retries are over. */
const READ_ATTEMPTS = 4;
/** S3 takes so many keys in one request. */
const KEYS_PER_REMOVAL = 1000;
/** The metadata that holds the SHA-256 of an object, in hexadecimal digits. */
const HASH_METADATA = "sha256";

/** Objects of a bucket of S3, or of any store that speaks its protocol and honours `If-Match` and `If-None-Match` of
 * puts. Big objects go up in parts and come down in ranges, several at a time; every object carries the SHA-256 of
 * its bytes, which is checked by the store on its way up and by us on its way down. */
export class S3Store implements ObjectStore {
  readonly url: string;
  readonly isLocal = false;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #pieceBytes: number;

  /** The client stays the caller's, to be destroyed by it.
   * @param pieceBytes at least 5 MiB, but for the tests' own store */
  constructor(client: S3Client, { bucket, prefix }: S3Location, pieceBytes: number = PIECE_BYTES) {
    this.url = `s3://${bucket}/${prefix}`.replace(/\/$/, "");
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#pieceBytes = pieceBytes;
  }

  /** As {@linkcode ObjectStore.get}; the tag is the store's ETag.
   * @throws {UserError} when the store refuses us, or when the bytes are not those that were put */
  async get(key: string): Promise<StoredObject | undefined> {
    return await this.#reading(key, async () => {
      const first = await this.#send(key, `bytes=0-${this.#pieceBytes - 1}`);
      if (first === undefined) return undefined;
      const { output, bytes: head } = first;
      const sizeBytes = sizeOf(output) ?? head.length;
      const bytes = sizeBytes === head.length ? head : new Uint8Array(sizeBytes);
      if (bytes !== head) {
        bytes.set(head);
        await this.#fetchRest(key, bytes, head.length, output.ETag);
      }
      const expected = output.Metadata?.[HASH_METADATA];
      const found = sha256Hex(bytes);
      if (expected !== undefined && expected !== found) {
        throw new Error(`its bytes have the SHA-256 ${found}; ${expected} was put`);
      }
      return { bytes, tag: output.ETag ?? "", sha256: found };
    });
  }

  /** As {@linkcode ObjectStore.getRange}. */
  async getRange(
    key: string,
    start: number,
    end: number,
    check: RangeCheck,
  ): Promise<Uint8Array | undefined> {
    if (start === end) return new Uint8Array();
    return await this.#reading(key, async () => {
      const found = await this.#send(key, `bytes=${start}-${end - 1}`);
      if (found === undefined) return undefined;
      if (found.bytes.length !== end - start) {
        throw new Error(
          `bytes ${start} to ${end} were asked for, ${found.bytes.length} bytes came`,
        );
      }
      check(found.bytes);
      return found.bytes;
    });
  }

  /** As {@linkcode ObjectStore.put}. */
  async put(key: string, bytes: Uint8Array, sha256: string = sha256Hex(bytes)): Promise<void> {
    const target = { Bucket: this.#bucket, Key: this.#key(key) };
    const metadata = { [HASH_METADATA]: sha256 };
    await this.#doing(`write ${this.url}/${key}`, async () => {
      if (bytes.length > this.#pieceBytes) {
        await uploadInParts(this.#client, target, bytes, metadata, this.#pieceBytes);
      } else {
        await this.#putWhole(target, bytes, sha256, {});
      }
    });
  }

  /** As {@linkcode ObjectStore.swap}. */
  async swap(
    key: string,
    bytes: Uint8Array,
    expected: string | null,
  ): Promise<string | undefined> {
    const target = { Bucket: this.#bucket, Key: this.#key(key) };
    const condition = expected === null ? { IfNoneMatch: "*" } : { IfMatch: expected };
    return await this.#doing(`write ${this.url}/${key}`, async () => {
      try {
        return await this.#putWhole(target, bytes, sha256Hex(bytes), condition);
      } catch (error) {
        // 409: another conditional write was under way. 404: the object that was to match is gone.
        const refused = ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"];
        if (error instanceof Error && refused.includes(error.name)) return undefined;
        throw error;
      }
    });
  }

  /** As {@linkcode ObjectStore.list}. */
  async *list(prefix: string): AsyncGenerator<ListedObject> {
    let token: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await this.#doing(
        `list ${this.url}/${prefix}`,
        () =>
          this.#client.send(
            new ListObjectsV2Command({
              Bucket: this.#bucket,
              Prefix: `${this.#prefix}${prefix}`,
              ContinuationToken: token,
            }),
          ),
      );
      for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
        yield {
          key: Key.slice(this.#prefix.length),
          sizeBytes: Size,
          modifiedMs: LastModified?.getTime() ?? 0,
        };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** As {@linkcode ObjectStore.remove}. */
  async remove(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += KEYS_PER_REMOVAL) {
      const batch = keys.slice(from, from + KEYS_PER_REMOVAL);
      await this.#doing(`remove ${batch.length} objects of ${this.url}`, async () => {
        const { Errors: [refused] = [] } = await this.#client.send(
          new DeleteObjectsCommand({
            Bucket: this.#bucket,
            Delete: { Objects: batch.map((key) => ({ Key: this.#key(key) })), Quiet: true },
          }),
        );
        if (refused !== undefined && refused.Code !== "NoSuchKey") {
          throw new Error(`${refused.Key}: ${refused.Message ?? refused.Code}`);
        }
      });
    }
  }

  async #putWhole(
    target: { readonly Bucket: string; readonly Key: string },
    bytes: Uint8Array,
    sha256: string,
    condition: { readonly IfMatch?: string; readonly IfNoneMatch?: string },
  ): Promise<string | undefined> {
    const { ETag } = await this.#client.send(
      new PutObjectCommand({
        ...target,
        ...condition,
        Body: bytes,
        Metadata: { [HASH_METADATA]: sha256 },
        ChecksumSHA256: Uint8Array.fromHex(sha256).toBase64(),
      }),
    );
    return ETag;
  }

  /** Fills `bytes` from `from` on with ranges of the object that has this ETag. */
  async #fetchRest(key: string, bytes: Uint8Array, from: number, etag?: string): Promise<void> {
    const starts: number[] = [];
    for (let start = from; start < bytes.length; start += this.#pieceBytes) starts.push(start);
    await inParallel(IN_FLIGHT, starts, async (start) => {
      const end = Math.min(start + this.#pieceBytes, bytes.length);
      const piece = await this.#send(key, `bytes=${start}-${end - 1}`, etag);
      if (piece?.bytes.length !== end - start) {
        throw new Error(`bytes ${start} to ${end} were asked for, not all came`);
      }
      bytes.set(piece.bytes, start);
    });
  }

  /** One GET with its body; undefined when there is no such object. */
  async #send(
    key: string,
    range: string,
    etag?: string,
  ): Promise<{ output: GetObjectCommandOutput; bytes: Uint8Array } | undefined> {
    try {
      const output = await this.#client.send(
        new GetObjectCommand({
          Bucket: this.#bucket,
          Key: this.#key(key),
          Range: range,
          IfMatch: etag,
        }),
      );
      const bytes = await output.Body?.transformToByteArray() ?? new Uint8Array();
      if (output.ContentLength !== undefined && output.ContentLength !== bytes.length) {
        throw new Error(`${output.ContentLength} bytes were announced, ${bytes.length} came`);
      }
      return { output, bytes };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error.name === "NoSuchKey" || error.name === "NotFound") return undefined;
      // A range of an empty object cannot be satisfied: it is read whole.
      if (error.name === "InvalidRange" && range.startsWith("bytes=0-")) {
        return await this.#sendEmpty(key);
      }
      throw error;
    }
  }

  async #sendEmpty(
    key: string,
  ): Promise<{ output: GetObjectCommandOutput; bytes: Uint8Array }> {
    const output = await this.#client.send(
      new GetObjectCommand({ Bucket: this.#bucket, Key: this.#key(key) }),
    );
    return { output, bytes: await output.Body?.transformToByteArray() ?? new Uint8Array() };
  }

  /** Tries a read again when its body was cut off or damaged. */
  async #reading<T>(key: string, read: () => Promise<T>): Promise<T> {
    return await this.#doing(`read ${this.url}/${key}`, async () => {
      for (let attempt = 1;; attempt++) {
        try {
          return await read();
        } catch (error) {
          if (attempt === READ_ATTEMPTS || isRefusal(error)) throw error;
        }
      }
    });
  }

  async #doing<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const message = `Cannot ${action}: ${describe(cause)}`;
      if (!isRefusal(cause)) throw new CodedError("store/failed", message, { cause });
      throw new UserError("store/failed", message, {
        hint: "Check the bucket's name, the credentials, the region and AWS_ENDPOINT_URL_S3.",
        cause,
      });
    }
  }

  #key(key: string): string {
    return this.#prefix + checkKey(key);
  }
}

/** The size of the whole object that a ranged answer is a part of. */
function sizeOf({ ContentRange }: GetObjectCommandOutput): number | undefined {
  const total = /\/(\d+)$/.exec(ContentRange ?? "")?.[1];
  return total === undefined ? undefined : Number(total);
}

/** What trying again does not mend: a wrong bucket, name or credential. */
function isRefusal(error: unknown): boolean {
  if (error instanceof UserError) return true;
  if (!(error instanceof Error)) return false;
  if (error.name === "CredentialsProviderError") return true;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === 400 || status === 401 || status === 403 || status === 404;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return errorMessage(error);
  return error.name === "Error" || error.message.includes(error.name)
    ? error.message
    : `${error.message} (${error.name})`;
}
