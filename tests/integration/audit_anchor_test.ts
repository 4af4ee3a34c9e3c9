import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { writeOptimisations } from "../ledger/ledger_files.ts";
import { LockedBucket } from "../ledger/locked_bucket.ts";
import { RunningCommand, withFolder } from "./cli.ts";

Deno.test("audit anchor keeps a head in S3, and audit verify --anchor sees that records were cut off", () =>
  withFolder(async (out) => {
    await using bucket = new LockedBucket("audit");
    const env = {
      AWS_ENDPOINT_URL_S3: bucket.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "s",
    };
    const audit = (...args: string[]) =>
      new RunningCommand("audit", [...args, "--out", out], { env }).result();
    const ledger = join(out, "runs/run-1/audit.jsonl");
    await writeOptimisations(ledger, 2);
    const url = "s3://audit/ledgers";

    const unknown = await audit("verify", "run-1", "--anchor", url);
    assertEquals(unknown.code, 1);
    assertStringIncludes(unknown.stderr, `${url} has no head of run run-1`);
    const kept = await audit("anchor", "run-1", "--to", url, "--governance");
    assertEquals(kept.code, 0, kept.stderr);
    assertStringIncludes(kept.stdout, `Kept in ${url} for 3650 days.`);
    assertEquals(bucket.versions.map(({ lockMode }) => lockMode), ["GOVERNANCE"]);
    const whole = await audit("verify", "run-1", "--anchor", url);
    assertStringIncludes(whole.stdout, `It agrees with ${url}.`);

    const lines = (await Deno.readTextFile(ledger)).split("\n");
    await Deno.writeTextFile(ledger, `${lines.slice(0, 7).join("\n")}\n`);
    assertEquals((await audit("verify", "run-1")).code, 0);
    const short = await audit("verify", "run-1", "--anchor", url);
    assertEquals(short.code, 1);
    assertStringIncludes(short.stderr, "it has 7 records");
    const bad = await audit("anchor", "run-1", "--to", "https://audit");
    assertEquals(bad.code, 2);
    assertStringIncludes(bad.stderr, "s3://BUCKET/PREFIX is expected");
  }));
