import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { auditVerify } from "../../src/cli/audit_verify.ts";
import { openLedger } from "../../src/ledger/mod.ts";

interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...args: string[]): Promise<Printed> {
  const out: string[] = [], err: string[] = [];
  const code = await auditVerify(args, {
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

Deno.test("audit:verify prints records and head hash of a whole ledger, and exits with 0", async () => {
  await withArtifacts(async (out) => {
    const printed = await run("monday", "--out", out);
    assertEquals([printed.code, printed.err], [0, ""]);
    assertMatch(printed.out, /Records: {3}3\nHead hash: [0-9a-f]{64}\nThe ledger is whole\./);
  });
});

Deno.test("audit:verify names line and reason of a broken ledger, and exits with 1", async () => {
  await withArtifacts(async (out, path) => {
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace('"step":"fetch"', '"step":"fetsh"'));
    const printed = await run("monday", "--out", out);
    assertEquals(printed.code, 1);
    assertStringIncludes(printed.err, "The ledger is broken at line 2: its hash is ");
  });
});

Deno.test("audit:verify says that a run which goes on has steps without an outcome", async () => {
  await withArtifacts(async (out, path) => {
    const lines = (await Deno.readTextFile(path)).split("\n");
    await Deno.writeTextFile(path, lines.slice(0, 2).join("\n") + "\n");
    const printed = await run("monday", "--out", out);
    assertEquals(printed.code, 0);
    assertStringIncludes(printed.out, "1 steps without an outcome, first fetch (intent 1)");
  });
});

Deno.test("audit:verify --json prints one object", async () => {
  await withArtifacts(async (out, path) => {
    const printed = await run("monday", "--out", out, "--json");
    const verdict = JSON.parse(printed.out);
    assertEquals([verdict.ok, verdict.records, verdict.runId, verdict.path], [
      true,
      3,
      "monday",
      path,
    ]);
  });
});

Deno.test("audit:verify exits with 2 for a run that is not there, and names the nearest", async () => {
  await withArtifacts(async (out) => {
    const printed = await run("mondya", "--out", out);
    assertEquals(printed.code, 2);
    assertMatch(
      printed.err,
      /^Cannot verify run mondya: there is no .*\nThe nearest run is monday\.$/,
    );
  });
});

Deno.test("audit:verify exits with 2 where there are no runs, or a run has no ledger", async () => {
  await withArtifacts(async (out) => {
    assertStringIncludes((await run("a", "--out", join(out, "none"))).err, "There are no runs in");
    await Deno.mkdir(join(out, "runs", "empty"));
    const printed = await run("empty", "--out", out);
    assertEquals(printed.code, 2);
    assertStringIncludes(printed.err, "The run is there, but has no audit.jsonl.");
  });
});

Deno.test("audit:verify exits with 2 for input that it cannot use, and says what is wrong", async () => {
  const cases: [string[], string][] = [
    [[], "Cannot run without RUN_ID"],
    [["a", "b"], 'Cannot use the argument "b"'],
    [["../etc"], 'Cannot use "../etc" as a run id'],
    [["a", "--jsno"], "Cannot use --jsno"],
    [["a", "--out="], "Cannot use --out without DIR"],
  ];
  for (const [args, message] of cases) {
    const printed = await run(...args);
    assertEquals(printed.code, 2, args.join(" "));
    assertStringIncludes(printed.err, message);
  }
});

Deno.test("audit:verify takes a run id of digits as it is written", async () => {
  assertStringIncludes((await run("0123", "--out", "none")).err, "Cannot verify run 0123:");
});

Deno.test("audit:verify --help prints the usage", async () => {
  const printed = await run("--help");
  assertEquals(printed.code, 0);
  assertStringIncludes(printed.out, "deno task audit:verify RUN_ID [flags]");
});
