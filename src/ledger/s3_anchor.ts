import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { canonicalJson } from "../base/canonical_json.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import type { AnchoredHead, LedgerAnchor } from "./anchor.ts";

const MS_PER_DAY = 86_400_000;

const anchoredHead = z.strictObject({
  runId: z.string(),
  records: z.int().min(1),
  headHash: z.string().regex(/^[0-9a-f]{64}$/),
  root: z.string().regex(/^[0-9a-f]{64}$/),
  anchoredAt: z.iso.datetime(),
});

/** Where and how heads are kept in S3. */
export interface S3AnchorOptions {
  /** A bucket with Object Lock. */
  readonly bucket: string;
  /** What keys begin with, `""` or with a slash at its end. */
  readonly prefix: string;
  /** For how long nobody can remove a head. */
  readonly retainDays: number;
  /** `COMPLIANCE`: nobody at all · `GOVERNANCE`: nobody without a permission of its own. */
  readonly mode: "COMPLIANCE" | "GOVERNANCE";
}

/** Keeps heads as objects of S3 under Object Lock: one object a head, never written twice. */
export class S3Anchor implements LedgerAnchor {
  readonly #client: S3Client;
  readonly #options: S3AnchorOptions;

  /** The client stays the caller's, to be destroyed by it. */
  constructor(client: S3Client, options: S3AnchorOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Keeps a head, locked from the time that it names.
   * @throws {UserError} when the store refuses it, for instance since the bucket has no Object Lock */
  async put(head: AnchoredHead): Promise<void> {
    const { bucket, prefix, retainDays, mode } = this.#options;
    const key = `${prefix}${head.runId}/${
      String(head.records).padStart(12, "0")
    }-${head.headHash}.json`;
    try {
      await this.#client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: canonicalJson(head),
          ContentType: "application/json",
          ChecksumAlgorithm: "SHA256",
          IfNoneMatch: "*",
          ObjectLockMode: mode,
          ObjectLockRetainUntilDate: new Date(
            Date.parse(head.anchoredAt) + retainDays * MS_PER_DAY,
          ),
        }),
      );
    } catch (cause) {
      if (isPreconditionFailed(cause) && await this.#isKept(head)) return;
      throw new UserError(
        "ledger/no-anchor",
        `Cannot keep s3://${bucket}/${key}: ${errorMessage(cause)}`,
        {
          hint:
            "The bucket needs Object Lock, and its user s3:PutObject and s3:PutObjectRetention.",
          cause,
        },
      );
    }
  }

  /** All versions of all heads: what a delete marker hides, or a later version covers, is there all the same.
   * @throws {UserError} when the store cannot be read, or an object is no head of this run */
  async list(runId: string): Promise<AnchoredHead[]> {
    const { bucket, prefix } = this.#options;
    try {
      const heads: AnchoredHead[] = [];
      for await (const version of this.#versions(`${prefix}${runId}/`)) {
        heads.push(await this.#read(version, runId));
      }
      return heads.sort((a, b) => a.records - b.records);
    } catch (cause) {
      if (cause instanceof UserError) throw cause;
      throw new UserError(
        "ledger/no-anchor",
        `Cannot read the heads of run ${runId} in s3://${bucket}/${prefix}: ${errorMessage(cause)}`,
        { cause },
      );
    }
  }

  async #isKept({ runId, records, headHash }: AnchoredHead): Promise<boolean> {
    const heads = await this.list(runId);
    return heads.some((kept) => kept.records === records && kept.headHash === headHash);
  }

  async *#versions(prefix: string): AsyncGenerator<ObjectVersion> {
    for (let next: Page | undefined = {}; next !== undefined;) {
      const listed: ListObjectVersionsCommandOutput = await this.#client.send(
        new ListObjectVersionsCommand({ Bucket: this.#options.bucket, Prefix: prefix, ...next }),
      );
      yield* listed.Versions ?? [];
      next = listed.IsTruncated
        ? { KeyMarker: listed.NextKeyMarker, VersionIdMarker: listed.NextVersionIdMarker }
        : undefined;
    }
  }

  async #read({ Key: key, VersionId }: ObjectVersion, runId: string): Promise<AnchoredHead> {
    const { bucket } = this.#options;
    const { Body } = await this.#client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, VersionId }),
    );
    const head = parseHead(await Body?.transformToString() ?? "");
    if (head?.runId === runId) return head;
    throw new UserError(
      "ledger/no-anchor",
      `Cannot read s3://${bucket}/${key} (version ${VersionId}): it is no head of run ${runId}`,
    );
  }
}

/** Where a listing goes on. */
interface Page {
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
}

function parseHead(text: string): AnchoredHead | undefined {
  try {
    return anchoredHead.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isPreconditionFailed(error: unknown): boolean {
  return error instanceof Error && error.name === "PreconditionFailed";
}
