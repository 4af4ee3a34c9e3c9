import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { IN_FLIGHT, inParallel } from "./parallel.ts";

/** Puts a big object in parts, several at a time, each with its checksum. The object is there once all parts are; a
 * failure removes those that were sent.
 * @param partBytes size of every part but the last, at least 5 MiB
 * @throws what the store answered */
export async function uploadInParts(
  client: S3Client,
  target: { readonly Bucket: string; readonly Key: string },
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  partBytes: number,
): Promise<void> {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...target,
      Metadata: metadata,
      ChecksumAlgorithm: "SHA256",
    }),
  );
  const upload = { ...target, UploadId };
  try {
    const starts: number[] = [];
    for (let start = 0; start < bytes.length; start += partBytes) starts.push(start);
    const parts = await inParallel(IN_FLIGHT, starts, async (start, i) => {
      const { ETag, ChecksumSHA256 } = await client.send(
        new UploadPartCommand({
          ...upload,
          PartNumber: i + 1,
          Body: bytes.subarray(start, start + partBytes),
          ChecksumAlgorithm: "SHA256",
        }),
      );
      return { PartNumber: i + 1, ETag, ChecksumSHA256 };
    });
    await complete(client, upload, parts, metadata);
  } catch (error) {
    // What could not be aborted is removed by the bucket's own rule for uploads that were never completed.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}

/** Puts the parts together. When the answer was lost and the SDK asked again, the upload is gone: then the object that
 * is there tells by its metadata whether it is ours. */
async function complete(
  client: S3Client,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
  parts: CompletedPart[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }),
    );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "NoSuchUpload") throw error;
    const { Bucket, Key } = upload;
    const { Metadata } = await client.send(new HeadObjectCommand({ Bucket, Key }));
    if (Object.entries(metadata).some(([name, value]) => Metadata?.[name] !== value)) throw error;
  }
}
