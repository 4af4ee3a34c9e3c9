import type { S3Client } from "@aws-sdk/client-s3";
import { UserError } from "../../base/errors.ts";

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;
/** Of a request, the first one included; waits in between grow and are random. */
const MAX_ATTEMPTS = 6;
const CONNECTION_TIMEOUT_MS = 10_000;
/** A connection on which nothing moves for so long is given up and tried anew. */
const IDLE_TIMEOUT_MS = 60_000;

/** Where in S3 something is. */
export interface S3Location {
  readonly bucket: string;
  /** What keys begin with: `""`, or with a slash at its end. */
  readonly prefix: string;
}

/** Reads `s3://BUCKET/PREFIX`.
 * @throws {UserError} for anything else */
export function parseS3Url(url: string): S3Location {
  const [, bucket, path = ""] = S3_URL.exec(url) ?? [];
  if (bucket === undefined) {
    throw new UserError(
      "store/bad-url",
      `Cannot use ${JSON.stringify(url)}: s3://BUCKET/PREFIX is expected`,
    );
  }
  const prefix = path.replace(/\/+$/, "");
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

/** A client with credentials and region by AWS's standard chain (environment, profile, instance), and the endpoint of
 * `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`: with one of them buckets are addressed by path, since stores other than
 * AWS seldom have a name a bucket. The caller destroys it. */
export async function connectS3(): Promise<S3Client> {
  // Loaded here: what needs no S3 starts faster without it.
  const { S3Client } = await import("@aws-sdk/client-s3");
  const endpoint = Deno.env.get("AWS_ENDPOINT_URL_S3") ?? Deno.env.get("AWS_ENDPOINT_URL");
  return new S3Client({
    maxAttempts: MAX_ATTEMPTS,
    // What comes is held to the SHA-256 of what was put; a second checksum over it would only cost time.
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
}
