import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { AUDIT } from "../../src/cli/audit.ts";
import { runFamily } from "../../src/cli/command_family.ts";
import { openLedger } from "../../src/ledger/mod.ts";

interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...args: string[]): Promise<Printed> {
  const out: string[] = [], err: string[] = [];
  const code = await runFamily(AUDIT, args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** A folder of artifacts with the ledger of run `monday`. */
async function withArtifacts(
  use: (out: string, ledgerPath: string) => Promise<void>,
): Promise<void> {
  const out = await Deno.makeTempDir();
  const ledgerPath = join(out, "runs", "monday", "audit.jsonl");
  try {
    const ledger = await openLedger(ledgerPath, {
      runId: "monday",
      profile: "crypto",
      versions: {},
      manifestHash: "",
      lockHash: "",
      gitHash: null,
    });
    const token = ledger.intent("fetch", {}, {});
    ledger.outcome(token, { status: "completed", outputs: {} });
    ledger.close();
    await use(out, ledgerPath);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

Deno.test("audit verify prints records and head hash of a whole ledger, and exits with 0", async () => {
  await withArtifacts(async (out) => {
    const printed = await run("verify", "monday", "--out", out);
    assertEquals([printed.code, printed.err], [0, ""]);
    assertMatch(printed.out, /Records: {3}3\nHead hash: [0-9a-f]{64}\nThe ledger is whole\./);
  });
});

Deno.test("audit verify names line and reason of a broken ledger, and exits with 1", async () => {
  await withArtifacts(async (out, path) => {
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace('"step":"fetch"', '"step":"fetsh"'));
    const printed = await run("verify", "monday", "--out", out);
    assertEquals(printed.code, 1);
    assertStringIncludes(printed.err, "The ledger is broken at line 2: its hash is ");
  });
});

Deno.test("audit verify says that a run which goes on has steps without an outcome", async () => {
  await withArtifacts(async (out, path) => {
    const lines = (await Deno.readTextFile(path)).split("\n");
    await Deno.writeTextFile(path, lines.slice(0, 2).join("\n") + "\n");
    const printed = await run("verify", "monday", "--out", out);
    assertEquals(printed.code, 0);
    assertStringIncludes(printed.out, "1 steps without an outcome, first fetch (intent 1)");
  });
});

Deno.test("audit verify --json prints one object", async () => {
  await withArtifacts(async (out, path) => {
    const printed = await run("verify", "monday", "--out", out, "--json");
    const verdict = JSON.parse(printed.out);
    assertEquals([verdict.ok, verdict.records, verdict.runId, verdict.path], [
      true,
      3,
      "monday",
      path,
    ]);
  });
});

Deno.test("audit verify exits with 2 for a run that is not there, and names the nearest", async () => {
  await withArtifacts(async (out) => {
    const printed = await run("verify", "mondya", "--out", out);
    assertEquals(printed.code, 2);
    assertMatch(
      printed.err,
      /^error\[run\/not-found\]: Cannot find the ledger of run mondya: there is no .*\nhint: The nearest run is monday\.$/,
    );
  });
});

Deno.test("audit verify exits with 2 where there are no runs, or a run has no ledger", async () => {
  await withArtifacts(async (out) => {
    assertStringIncludes(
      (await run("verify", "a", "--out", join(out, "none"))).err,
      "There are no runs in",
    );
    await Deno.mkdir(join(out, "runs", "empty"));
    const printed = await run("verify", "empty", "--out", out);
    assertEquals(printed.code, 2);
    assertStringIncludes(printed.err, "The run is there, but has no audit.jsonl.");
  });
});

Deno.test("audit verify exits with 2 for input that it cannot use, and says what is wrong", async () => {
  const cases: [string[], string][] = [
    [[], "Cannot run without RUN_ID"],
    [["a", "b"], 'Cannot use the argument "b"'],
    [["../etc"], 'Cannot use "../etc" as a run id'],
    [["a", "--jsno"], "Cannot use --jsno"],
    [["a", "--out="], "Cannot use --out without DIR"],
  ];
  for (const [args, message] of cases) {
    const printed = await run("verify", ...args);
    assertEquals(printed.code, 2, args.join(" "));
    assertStringIncludes(printed.err, message);
  }
});

Deno.test("audit verify takes a run id of digits as it is written", async () => {
  assertStringIncludes(
    (await run("verify", "0123", "--out", "none")).err,
    "Cannot find the ledger of run 0123:",
  );
});

Deno.test("audit verify --help prints the usage", async () => {
  const printed = await run("verify", "--help");
  assertEquals(printed.code, 0);
  assertStringIncludes(printed.out, "deno task audit verify RUN_ID [flags]");
});

Deno.test("audit lists its commands, and names the nearest of one that is not there", async () => {
  assertStringIncludes((await run("--help")).out, "  prove   proves one record");
  assertEquals((await run()).code, 2);
  const { code, err } = await run("--", "shwo", "monday");
  assertEquals(code, 2);
  assertStringIncludes(
    err,
    "Cannot run audit shwo: there is no such command\nhint: The nearest one is show.",
  );
  assertEquals((await run("toString")).code, 2);
});

Deno.test("audit show prints the last records in a line each, and one whole", async () => {
  await withArtifacts(async (out) => {
    const { code, out: shown } = await run("show", "monday", "--out", out, "--last", "2");
    const lines = shown.split("\n");
    assertEquals([code, lines.length], [0, 2]);
    assertMatch(lines[0], /^ {5}2 {2}\S+Z {2}intent {4}#1 {2}fetch {2}\{\}$/);
    assertMatch(lines[1], /^ {5}3 {2}\S+Z {2}outcome {3}#1 {2}fetch {2}completed {2}\{\}$/);
    const whole = JSON.parse((await run("show", "monday", "--out", out, "--line", "1")).out);
    assertEquals([whole.type, whole.run_id], ["genesis", "monday"]);
    const missing = await run("show", "monday", "--out", out, "--line", "9");
    assertEquals(missing.code, 2);
    assertStringIncludes(missing.err, "it has 3 records");
    const bad = await run("show", "monday", "--out", out, "--last", "many");
    assertStringIncludes(bad.err, 'Cannot use --last "many": a whole number from 1 is expected');
  });
});

Deno.test("audit query prints steps as a table, as JSON, and what SQL asks of them", async () => {
  await withArtifacts(async (out) => {
    const table = (await run("query", "monday", "--out", out, "--step", "fetch")).out.split("\n");
    assertEquals(table.length, 2);
    assertMatch(table[0], /^intent +step +window +engine/);
    assertMatch(table[1], /^1 +fetch +completed/);
    const { out: row } = await run("query", "monday", "--out", out, "--json");
    assertEquals(JSON.parse(row).outputs, "{}");
    const sql = "select status, count(*) as n from steps group by status";
    const asked = await run("query", "monday", "--out", out, "--sql", sql, "--json");
    assertEquals(JSON.parse(asked.out), { status: "completed", n: 1 });
    const bad = await run("query", "monday", "--out", out, "--sql", "selec");
    assertEquals(bad.code, 2);
    assertStringIncludes(bad.err, "The table is called steps");
  });
});

Deno.test("audit query refuses a broken ledger by file and line", async () => {
  await withArtifacts(async (out, path) => {
    await Deno.writeTextFile(path, "{}\n", { append: true });
    const printed = await run("query", "monday", "--out", out);
    assertEquals(printed.code, 2);
    assertStringIncludes(printed.err, `Cannot read the ledger ${path}: line 4 is bad`);
  });
});

Deno.test("audit prove prints what audit check accepts, and refuses when it was changed", async () => {
  await withArtifacts(async (out) => {
    assertStringIncludes((await run("prove", "monday", "--out", out)).err, "without --line N");
    const { code, out: proof } = await run("prove", "monday", "--out", out, "--line", "2");
    assertEquals(code, 0);
    const file = join(out, "proof.json");
    await Deno.writeTextFile(file, proof);
    const root = JSON.parse(proof).root;
    assertStringIncludes((await run("check", file, "--root", root)).out, "Line 2 of 3 records");
    const elsewhere = await run("check", file, "--root", "0".repeat(64));
    assertEquals(elsewhere.code, 1);
    assertStringIncludes(elsewhere.err, `its root is ${root}, not ${"0".repeat(64)}`);
    await Deno.writeTextFile(file, proof.replace('"fetch"', '"fetsh"'));
    assertEquals((await run("check", file)).code, 1);
    assertEquals((await run("check", join(out, "none.json"))).code, 2);
  });
});
