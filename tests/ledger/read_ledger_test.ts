import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { canonicalJson } from "../../src/base/canonical_json.ts";
import { UserError } from "../../src/base/errors.ts";
import { sha256Hex } from "../../src/base/hash.ts";
import { readLedger, verifyLedger } from "../../src/ledger/mod.ts";
import { inFolder, writeOptimisations } from "./ledger_files.ts";

Deno.test("readLedger() visits every record in order, and leaves out a torn last line", async () => {
  await inFolder(async (path) => {
    await writeOptimisations(path, 2);
    await Deno.writeTextFile(path, '{"at":"19', { append: true });
    const visited: unknown[] = [];
    const scan = await readLedger(path, ({ line, type }) => visited.push([line, type]));
    assertEquals([scan.records, scan.tornBytes], [9, 9]);
    assertEquals(visited.slice(0, 3), [[1, "genesis"], [2, "intent"], [3, "outcome"]]);
  });
});

/** Lines that could be written by hand, or by somebody who wishes ill. */
const hostileLine = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.jsonValue({ maxDepth: 4 }).map((value) => new TextEncoder().encode(JSON.stringify(value))),
  fc.constantFrom(
    "",
    "null",
    "[]",
    '{"hash":null}',
    "\ufeff{}",
    "[".repeat(100_000),
    `{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
    '{"__proto__":{"hash":"x"}}',
    '{"hash":"","prev_hash":"","type":""}',
    '{"n":1e999}',
  ).map((text) => new TextEncoder().encode(text)),
  // Records with the right hash that say what no record says.
  fc.record({
    type: fc.constantFrom("intent", "outcome", "genesis", "repaired", "toString"),
    intent: fc.oneof(fc.integer(), fc.constant(null), fc.string()),
    step: fc.oneof(fc.string(), fc.integer()),
    prev_hash: fc.constantFrom("0".repeat(64), "f".repeat(64)),
  }).map((record) => {
    const text = canonicalJson(record);
    return new TextEncoder().encode(`${text.slice(0, -1)},"hash":"${sha256Hex(text)}"}`);
  }),
);

Deno.test("a hostile line anywhere is refused by its file and number, and nothing crashes", async () => {
  await inFolder(async (path) => {
    await writeOptimisations(path, 1);
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n")
      .map((line) => new TextEncoder().encode(line));
    const property = fc.asyncProperty(hostileLine, fc.nat({ max: 5 }), async (hostile, at) => {
      fc.pre(!hostile.includes(10));
      await writeLines(path, lines.toSpliced(at, 0, hostile));
      const { ok, firstBad, records } = await verifyLedger(path);
      assertEquals([ok, firstBad?.line, records], [false, at + 1, at]);
      const error = await assertRejects(() => readLedger(path, () => {}), UserError);
      assert(error.message.startsWith(`Cannot read the ledger ${path}: line ${at + 1} is bad, `));
    });
    await fc.assert(property, { numRuns: 250 });
  });
});

Deno.test("a ledger cut off, or with bytes changed or put in, is whole, torn, or refused by a line of it", async () => {
  await inFolder(async (path) => {
    await writeOptimisations(path, 2);
    const whole = await Deno.readFile(path);
    const property = fc.asyncProperty(
      fc.nat({ max: whole.length - 1 }),
      fc.nat({ max: 20 }),
      fc.uint8Array({ maxLength: 20 }),
      async (from, removed, added) => {
        const mutated = [...whole.subarray(0, from), ...added, ...whole.subarray(from + removed)];
        const isSame = new Uint8Array(mutated).toHex() === whole.toHex();
        await Deno.writeFile(path, new Uint8Array(mutated));
        const { ok, firstBad, records } = await verifyLedger(path);
        const line = 1 + whole.subarray(0, from).filter((byte) => byte === 10).length;
        if (isSame) assert(ok);
        // Whole lines cut off the end are seen by an anchor alone.
        else if (ok) assert(mutated.length < whole.length && records < 9);
        else {assert(
            firstBad!.line >= line && firstBad!.line <= line + 1 && firstBad!.reason !== "",
          );}
      },
    );
    await fc.assert(property, { numRuns: 250 });
  });
});

async function writeLines(path: string, lines: readonly Uint8Array[]): Promise<void> {
  await Deno.writeFile(path, new Uint8Array(lines.flatMap((line) => [...line, 10])));
}
