import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { canonicalJson } from "../../src/base/canonical_json.ts";
import { UserError } from "../../src/base/errors.ts";
import { sha256Hex } from "../../src/base/hash.ts";
import { type Ledger, openLedger, verifyLedger } from "../../src/ledger/mod.ts";
import { GENESIS, inFolder } from "./ledger_files.ts";

/** Three steps: one completed, one failed, one that the ledger's close abandons. */
function writeSteps(ledger: Ledger): void {
  const first = ledger.intent("optimise", { window: 1, engine: "flat" }, {
    returns: "é".repeat(8),
  });
  ledger.outcome(first, { status: "completed", outputs: { weights: [0.25, 0.75, 1e-7] } });
  const second = ledger.intent("backtest", {}, {});
  ledger.intent("report", null, []);
  ledger.outcome(second, { status: "failed", outputs: { message: "singular" } });
}

async function writeLedger(path: string): Promise<void> {
  using ledger = await openLedger(path, GENESIS);
  writeSteps(ledger);
}

async function readRecords(path: string): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

Deno.test("openLedger() starts with a genesis of 64 zeros that names the run", async () => {
  await inFolder(async (path) => {
    (await openLedger(path, GENESIS)).close();
    const [genesis] = await readRecords(path);
    const { hash, at, ...content } = genesis!;
    assertEquals(content, {
      type: "genesis",
      run_id: "run-1",
      profile: "crypto",
      versions: { tradewind: "0.1.0" },
      manifest_hash: "a".repeat(64),
      lock_hash: "b".repeat(64),
      git_hash: null,
      prev_hash: "0".repeat(64),
    });
    assertMatch(at as string, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assertEquals(hash, sha256Hex(canonicalJson({ ...content, at })));
  });
});

Deno.test("every record's hash is that of its canonical JSON with prev_hash, without hash", async () => {
  await inFolder(async (path) => {
    await writeLedger(path);
    let previous = "0".repeat(64);
    for (const { hash, ...content } of await readRecords(path)) {
      assertEquals(content["prev_hash"], previous);
      assertEquals(hash, sha256Hex(canonicalJson(content)));
      previous = hash as string;
    }
    const verdict = await verifyLedger(path);
    assertEquals(verdict, {
      ok: true,
      records: 7,
      headHash: previous,
      runId: "run-1",
      firstBad: undefined,
      intentsWithoutOutcome: [],
    });
  });
});

Deno.test("close() gives every open intent an outcome, with the status that it is told", async () => {
  await inFolder(async (path) => {
    const ledger = await openLedger(path, GENESIS);
    writeSteps(ledger);
    ledger.close("cancelled");
    ledger.close();
    const last = (await readRecords(path)).at(-1)!;
    assertEquals([last["type"], last["step"], last["status"]], ["outcome", "report", "cancelled"]);
  });
});

Deno.test("outcome() refuses a NaN among weights, names it, and leaves the intent open", async () => {
  await inFolder(async (path) => {
    using ledger = await openLedger(path, GENESIS);
    const token = ledger.intent("optimise", {}, {});
    const { headHash } = ledger;
    assertThrows(
      () => ledger.outcome(token, { status: "completed", outputs: { weights: [1, NaN] } }),
      TypeError,
      "Cannot write NaN as JSON at $.outputs.weights[1]",
    );
    assertEquals(ledger.headHash, headHash);
    ledger.outcome(token, { status: "failed", outputs: {} });
    ledger.flush();
    assert((await verifyLedger(path)).ok);
  });
});

Deno.test("outcome() refuses to close an intent twice", async () => {
  await inFolder(async (path) => {
    using ledger = await openLedger(path, GENESIS);
    const token = ledger.intent("fetch", {}, {});
    ledger.outcome(token, { status: "completed", outputs: {} });
    assertThrows(
      () => ledger.outcome(token, { status: "failed", outputs: {} }),
      Error,
      "Cannot close intent 1 (fetch): it is not open",
    );
  });
});

Deno.test("a closed ledger refuses records", async () => {
  await inFolder(async (path) => {
    const ledger = await openLedger(path, GENESIS);
    ledger.close();
    assertThrows(() => ledger.intent("late", {}, {}), Error, "Cannot append intent to the ledger");
  });
});

Deno.test("records of a turn are in the file when the turn is over", async () => {
  await inFolder(async (path) => {
    for (const fsync of ["at-close", "every-write"] as const) {
      using ledger = await openLedger(path, GENESIS, { fsync });
      ledger.intent("fetch", {}, {});
      await Promise.resolve();
      const verdict = await verifyLedger(path);
      assertEquals([verdict.headHash, verdict.ok], [ledger.headHash, true]);
      assertEquals(verdict.intentsWithoutOutcome.map((open) => open.step), ["fetch"]);
    }
  });
});

Deno.test("openLedger() goes on with a ledger: it says so, and numbers go on", async () => {
  await inFolder(async (path) => {
    await writeLedger(path);
    using ledger = await openLedger(path, { ...GENESIS, gitHash: "c".repeat(40) });
    assertEquals(ledger.intent("again", {}, {}).intent, 4);
    ledger.flush();
    const [resumed] = (await readRecords(path)).slice(7);
    assertEquals([resumed!["type"], resumed!["git_hash"]], ["resumed", "c".repeat(40)]);
    assertEquals((await verifyLedger(path)).records, 9);
  });
});

Deno.test("openLedger() refuses a second writer, and takes over what a dead one left", async () => {
  await inFolder(async (path) => {
    await Deno.writeTextFile(`${path}.lock`, "999999");
    const ledger = await openLedger(path, GENESIS);
    await assertRejects(
      () => openLedger(path, GENESIS),
      UserError,
      `process ${Deno.pid} is writing it`,
    );
    ledger.close();
    await assertRejects(() => Deno.stat(`${path}.lock`), Deno.errors.NotFound);
    (await openLedger(path, GENESIS)).close();
  });
});

Deno.test("openLedger() refuses another run's ledger and one with a bad line, and leaves both as they are", async () => {
  await inFolder(async (path) => {
    await writeLedger(path);
    const text = await Deno.readTextFile(path);
    await assertRejects(
      () => openLedger(path, { ...GENESIS, runId: "run-2" }),
      UserError,
      "it belongs to run run-1, not run-2",
    );
    const tampered = text.replace("0.75", "0.76");
    await Deno.writeTextFile(path, tampered);
    await assertRejects(() => openLedger(path, GENESIS), UserError, "line 3 is bad, its hash is");
    assertEquals(await Deno.readTextFile(path), tampered);
  });
});

Deno.test("a file cut off at any byte is repaired: what was whole stays, every intent gets an outcome", async () => {
  await inFolder(async (path) => {
    await writeLedger(path);
    const whole = await Deno.readFile(path);
    const lineEnds = [...whole.keys()].filter((i) => whole[i] === 10);
    const property = fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (length) => {
      await Deno.writeFile(path, whole.subarray(0, length));
      (await openLedger(path, GENESIS)).close();
      const verdict = await verifyLedger(path);
      assertEquals([verdict.ok, verdict.intentsWithoutOutcome], [true, []]);
      const kept = lineEnds.findLast((end) => end < length) ?? -1;
      const after = await Deno.readFile(path);
      assertEquals(after.subarray(0, kept + 1), whole.subarray(0, kept + 1));
      const repairs = (await readRecords(path)).filter((record) => record["type"] === "repaired");
      const dropped = length - (kept + 1);
      assertEquals(repairs.map((r) => r["dropped_bytes"]), dropped === 0 ? [] : [dropped]);
    });
    await fc.assert(property, { numRuns: 60, examples: [[0], [1], [whole.length]] });
  });
});

Deno.test("verifyLedger() names the line of any byte that was changed", async () => {
  await inFolder(async (path) => {
    await writeLedger(path);
    const whole = await Deno.readFile(path);
    const property = fc.asyncProperty(
      fc.integer({ min: 0, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (position, change) => {
        const tampered = whole.slice();
        tampered[position]! ^= change;
        await Deno.writeFile(path, tampered);
        const { ok, firstBad, records } = await verifyLedger(path);
        const line = 1 + whole.subarray(0, position).filter((byte) => byte === 10).length;
        assertEquals([ok, firstBad?.line, records], [false, line, line - 1]);
      },
    );
    await fc.assert(property, { numRuns: 300, examples: [[whole.length - 1, 1]] });
  });
});

Deno.test("verifyLedger() notices a record that was taken out, put in again, or exchanged", async () => {
  await inFolder(async (path) => {
    await writeLedger(path);
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    const verdictOf = async (changed: readonly string[]) => {
      await Deno.writeTextFile(path, changed.map((line) => `${line}\n`).join(""));
      return await verifyLedger(path);
    };
    assertEquals((await verdictOf(lines.toSpliced(3, 1))).firstBad?.line, 4);
    assertEquals((await verdictOf(lines.toSpliced(3, 0, lines[2]!))).firstBad?.line, 4);
    assertEquals((await verdictOf(lines.slice(1))).firstBad?.line, 1);
    assertEquals((await verdictOf([...lines.slice(0, 3), lines[4]!, lines[3]!])).firstBad?.line, 4);
    assertEquals((await verdictOf([])).firstBad, { line: 1, reason: "there is no genesis record" });
  });
});

Deno.test("verifyLedger() refuses a text that only means the same: a member twice, white space, another order", async () => {
  await inFolder(async (path) => {
    await writeLedger(path);
    const text = await Deno.readTextFile(path);
    const changes: [string, string][] = [
      ['"step":"report"', '"step":"fetch","step":"report"'],
      ['"step":"report"', '"step": "report"'],
      ['"context":null,"inputs":[]', '"inputs":[],"context":null'],
      ['"step":"report"', '"step":"r\\u0065port"'],
      ['"step":"report"', '"step":"\\ud800"'],
    ];
    for (const [from, to] of changes) {
      await Deno.writeTextFile(path, text.replace(from, to));
      assertEquals((await verifyLedger(path)).firstBad, {
        line: 5,
        reason: "it is not canonical JSON with its hash as the last member",
      });
    }
  });
});

Deno.test("verifyLedger() accepts keys that JavaScript would order as numbers", async () => {
  await inFolder(async (path) => {
    const ledger = await openLedger(path, GENESIS);
    ledger.intent("optimise", { "10": 1, "9": 2, "a": { "2": 1, "10": 0 } }, {});
    ledger.close();
    assertEquals((await verifyLedger(path)).ok, true);
  });
});

Deno.test("verifyLedger() refuses a well chained outcome of an intent that is not open", async () => {
  await inFolder(async (path) => {
    await writeLedger(path);
    const records = await readRecords(path);
    const { hash: _, ...outcome } = records[2]!;
    outcome["prev_hash"] = records.at(-1)!["hash"];
    const content = canonicalJson(outcome);
    const text = `${content.slice(0, -1)},"hash":"${sha256Hex(content)}"}`;
    await Deno.writeTextFile(path, `${text}\n`, { append: true });
    assertEquals((await verifyLedger(path)).firstBad, {
      line: 8,
      reason: "intent 1, which it closes, is not open",
    });
  });
});

Deno.test("a writer that is killed leaves a ledger that verifies, and its lock to others", async () => {
  await inFolder(async (path) => {
    const module = new URL("../../src/ledger/mod.ts", import.meta.url).href;
    const program = `
      import { openLedger } from ${JSON.stringify(module)};
      const ledger = await openLedger(${JSON.stringify(path)}, ${JSON.stringify(GENESIS)});
      ledger.intent("optimise", {}, {});
      await Promise.resolve();
      console.log("written");
      setInterval(() => {}, 1000);`;
    const programPath = `${path}.ts`;
    await Deno.writeTextFile(programPath, program);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", "--config", config, programPath],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    assertStringIncludes(new TextDecoder().decode(value), "written");
    await assertRejects(() => openLedger(path, GENESIS), UserError, `process ${child.pid} is`);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    (await openLedger(path, GENESIS)).close();
    const last = (await readRecords(path)).at(-1)!;
    assertEquals([last["step"], last["status"]], ["optimise", "abandoned"]);
    assert((await verifyLedger(path)).ok);
  });
});

Deno.test({
  name:
    "O(n²) append: appending reads nothing of what is there: a record costs the same after ten or ten thousand",
  // What a process has read is told by Linux alone.
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (path) => {
      const append = (ledger: Ledger, count: number) => {
        for (let k = 0; k < count; k++) {
          const intent = ledger.intent("optimise", { window: k }, {});
          ledger.outcome(intent, { status: "completed", outputs: {} });
        }
        ledger.close();
      };
      append(await openLedger(path, GENESIS), 5_000);
      const again = await openLedger(path, GENESIS);
      const sizeBytes = Deno.statSync(path).size;
      const before = bytesRead();
      append(again, 500);
      const read = bytesRead() - before;
      // One look at all records would be more; the slack is for what else this process reads meanwhile.
      assert(sizeBytes > 2_000_000, String(sizeBytes));
      assert(Deno.statSync(path).size > 1.05 * sizeBytes);
      assert(read < sizeBytes / 2, `${read} bytes were read`);
    }),
});

function bytesRead(): number {
  return Number(/rchar: (\d+)/.exec(Deno.readTextFileSync("/proc/self/io"))![1]);
}
