import { S3Client } from "@aws-sdk/client-s3";
import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { AnchoredHead } from "../../src/ledger/mod.ts";
import { S3Anchor } from "../../src/ledger/s3_anchor.ts";
import { LockedBucket } from "./locked_bucket.ts";

function headOf(records: number): AnchoredHead {
  const headHash = String(records).padStart(64, "0");
  return { runId: "monday", records, headHash, root: headHash, anchoredAt: "2026-01-01T00:00:00Z" };
}

async function withAnchor(
  use: (anchor: S3Anchor, bucket: LockedBucket) => Promise<void>,
): Promise<void> {
  await using bucket = new LockedBucket("audit");
  const client = new S3Client({
    endpoint: bucket.endpoint,
    forcePathStyle: true,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "s" },
    maxAttempts: 1,
  });
  try {
    const options = { bucket: "audit", prefix: "ledgers/", retainDays: 10 } as const;
    await use(new S3Anchor(client, { ...options, mode: "COMPLIANCE" }), bucket);
  } finally {
    client.destroy();
  }
}

Deno.test("S3Anchor keeps each head once, locked for as long as it was told", async () => {
  await withAnchor(async (anchor, { versions }) => {
    await anchor.put(headOf(12));
    await anchor.put(headOf(12));
    assertEquals(versions.map(({ body: _, ...version }) => version), [{
      key: `ledgers/monday/000000000012-${"12".padStart(64, "0")}.json`,
      versionId: "v0",
      lockMode: "COMPLIANCE",
      retainUntil: "2026-01-11T00:00:00Z",
    }]);
  });
});

Deno.test("S3Anchor lists the heads of a run over several pages, and none of another run", async () => {
  await withAnchor(async (anchor) => {
    for (const records of [9, 100, 20, 3, 7]) await anchor.put(headOf(records));
    await anchor.put({ ...headOf(1), runId: "mondays" });
    const heads = await anchor.list("monday");
    assertEquals(heads.map(({ records }) => records), [3, 7, 9, 20, 100]);
    assertEquals(heads[0], headOf(3));
    assertEquals(await anchor.list("sunday"), []);
  });
});

Deno.test("S3Anchor sees a head under a later version of its key, and refuses what is no head", async () => {
  await withAnchor(async (anchor, { versions }) => {
    await anchor.put(headOf(12));
    versions.push({ ...versions[0]!, versionId: "v1", body: JSON.stringify(headOf(13)) });
    assertEquals((await anchor.list("monday")).map(({ records }) => records), [12, 13]);
    versions.push({ ...versions[0]!, versionId: "v2", body: "{}" });
    await assertRejects(() => anchor.list("monday"), UserError, "(version v2): it is no head of");
  });
});

Deno.test("S3Anchor does not take a squatter's object for its own", async () => {
  await withAnchor(async (anchor, { versions }) => {
    await anchor.put(headOf(12));
    versions[0] = { ...versions[0]!, body: JSON.stringify(headOf(13)) };
    await assertRejects(() => anchor.put(headOf(12)), UserError, "Cannot keep s3://audit/ledgers/");
  });
});

Deno.test("S3Anchor tells what a bucket without Object Lock answers, and what it needs", async () => {
  await withAnchor(async (anchor, bucket) => {
    bucket.refusal = "Bucket is missing Object Lock Configuration";
    const error = await assertRejects(() => anchor.put(headOf(1)), UserError, bucket.refusal);
    assertEquals(error.hint?.startsWith("The bucket needs Object Lock"), true);
  });
});
