import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { findProofFlaw, parseRecordProof, proveRecord } from "../../src/ledger/mod.ts";
import { inFolder, writeOptimisations } from "./ledger_files.ts";

Deno.test("proveRecord() proves each record of a ledger, with a root that all share", async () => {
  await inFolder(async (path) => {
    await writeOptimisations(path, 3);
    const roots = new Set<string>();
    for (let line = 1; line <= 13; line++) {
      const proof = parseRecordProof(JSON.stringify(await proveRecord(path, line)));
      assertEquals(findProofFlaw(proof), undefined);
      assertEquals([proof.line, proof.records], [line, 13]);
      roots.add(proof.root);
    }
    assertEquals(roots.size, 1);
    await assertRejects(() => proveRecord(path, 14), UserError, "it has 13 records");
  });
});

Deno.test("findProofFlaw() sees a record, a line, a path or a root that was changed", async () => {
  await inFolder(async (path) => {
    await writeOptimisations(path, 3);
    const proof = await proveRecord(path, 5);
    const flaw = (change: object) => findProofFlaw({ ...proof, ...change }) ?? "none";
    const record = proof.record;
    assertStringIncludes(flaw({ record: { ...record, status: "failed" } }), "its hash is");
    assertStringIncludes(flaw({ record: { ...record, hash: undefined } }), "hash, prev_hash or");
    assertStringIncludes(flaw({ record: { ...record, hash: "f".repeat(64) } }), "its hash is");
    assertStringIncludes(flaw({ line: 6 }), "leads to the root");
    assertStringIncludes(flaw({ line: 14 }), "does not lead from line 14");
    assertStringIncludes(flaw({ path: proof.path.slice(1) }), "does not lead");
    assertStringIncludes(flaw({ root: "0".repeat(64) }), `not to ${"0".repeat(64)}`);
  });
});

Deno.test("parseRecordProof() names what is wrong with a proof", () => {
  const proof = { line: 1, records: 1, root: "0".repeat(64), path: [], record: {} };
  const message = (text: string) => assertThrows(() => parseRecordProof(text), UserError).message;
  assertStringIncludes(message("{"), "Cannot read the proof: ");
  assertStringIncludes(message("[]"), "the whole: ");
  assertStringIncludes(message(JSON.stringify({ ...proof, line: 0 })), "line: ");
  assertStringIncludes(message(JSON.stringify({ ...proof, path: ["zz"] })), "path.0: 64 hex");
  assertStringIncludes(message(JSON.stringify({ ...proof, more: 1 })), "more");
});
