import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { anchorLedger, findAnchorConflict } from "../../src/ledger/mod.ts";
import { S3Anchor } from "../../src/ledger/s3_anchor.ts";
import { REAL_S3_SERVERS, testWithS3, withClient } from "../lakehouse/s3/servers.ts";
import { writeOptimisations } from "./ledger_files.ts";

testWithS3(
  "anchorLedger() keeps heads that nobody can remove, and a shorter ledger contradicts them",
  async (server) => {
    const folder = await Deno.makeTempDir();
    try {
      await withClient(server, async (client) => {
        const options = { bucket: server.bucket, prefix: "ledgers/", retainDays: 1 } as const;
        const anchor = new S3Anchor(client, { ...options, mode: "COMPLIANCE" });
        const path = join(folder, "audit.jsonl");
        await writeOptimisations(path, 2);
        const head = await anchorLedger(path, anchor, Date.now());
        await anchorLedger(path, anchor, Date.now());
        assertEquals((await anchor.list("run-1")).map(({ records }) => records), [head.records]);
        assertEquals(await findAnchorConflict(path, await anchor.list("run-1")), undefined);

        // A delete without a version only hides it.
        const key = `ledgers/run-1/${String(head.records).padStart(12, "0")}-${head.headHash}.json`;
        await client.send(new DeleteObjectCommand({ Bucket: server.bucket, Key: key }));
        assertEquals((await anchor.list("run-1")).length, 1);

        const lines = (await Deno.readTextFile(path)).split("\n");
        await Deno.writeTextFile(path, `${lines.slice(0, 5).join("\n")}\n`);
        const conflict = await findAnchorConflict(path, await anchor.list("run-1"));
        assert(conflict?.startsWith("it has 5 records"), conflict);

        const nowhere = new S3Anchor(client, {
          ...options,
          bucket: "none-such",
          mode: "COMPLIANCE",
        });
        await assertRejects(() => nowhere.put(head), UserError, "Cannot keep s3://none-such/");
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
  REAL_S3_SERVERS,
);
