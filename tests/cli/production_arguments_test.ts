import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { resolve } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { parseFlags } from "../../src/cli/flags.ts";
import {
  PRODUCTION_COMMAND,
  type ProductionArguments,
  readProductionArguments,
} from "../../src/cli/production_arguments.ts";

const read = (...args: string[]): ProductionArguments =>
  readProductionArguments(parseFlags(PRODUCTION_COMMAND, args).flags);

const refusal = (...args: string[]) => assertThrows(() => read(...args), UserError).message;

Deno.test("readProductionArguments() without flags takes the bundled manifest and artifacts", async () => {
  const options = read();
  assert((await Deno.stat(options.manifestPath)).isFile);
  assertEquals(options.out, resolve("artifacts"));
  assert(options.workers >= 2 && options.workers <= 256);
  const { profile, cluster, overrides, runId, resume, isDryRun, isJson, isQuiet } = options;
  assertEquals([profile, cluster, runId, resume], Array(4).fill(undefined));
  assertEquals([overrides, isDryRun, isJson, isQuiet], [[], false, false, false]);
});

Deno.test("readProductionArguments() reads every flag", () => {
  const options = read(
    ...["--profile", "crypto", "--manifest=m.jsonc", "--out", "/x/../o", "--workers", "7"],
    ...["--run-id", "r-1", "--dry-run", "--json", "--quiet"],
  );
  assertEquals(options, {
    manifestPath: "m.jsonc",
    profile: "crypto",
    overrides: [],
    out: "/o",
    workers: 7,
    cluster: undefined,
    runId: "r-1",
    resume: undefined,
    remote: undefined,
    isOffline: false,
    isDryRun: true,
    isJson: true,
    isQuiet: true,
    hasDashboard: false,
  });
});

Deno.test("prices of one's own take neither the title nor the banner of the bundled ones", () => {
  const origin = "--prices";
  assertEquals(read("--prices", "some/where/mine.csv").overrides, [
    { key: "prices", value: "some/where/mine.csv", origin },
    { key: "title", value: "mine.csv", origin },
    { key: "synthetic", value: "false", origin },
  ]);
});

Deno.test("--workers takes whole numbers from 1 to 256 and nothing else", () => {
  assertEquals([read("--workers=1").workers, read("--workers=256").workers], [1, 256]);
  for (const text of ["0", "-1", "257", "1.5", "two", "NaN", "Infinity", " "]) {
    assertEquals(refusal(`--workers=${text}`), `Cannot start ${JSON.stringify(text)} workers`);
  }
});

Deno.test("run ids that could leave the folder are refused, for a new run and a resumed one", () => {
  for (const runId of ["../x", "a/b", ".", "a b", "x".repeat(129)]) {
    assertStringIncludes(refusal(`--run-id=${runId}`), "as a run id");
    assertStringIncludes(refusal(`--resume=${runId}`), "as a run id");
  }
});

Deno.test("--resume names a run, or means the latest one", () => {
  assertEquals(read("--resume", "r1").resume, { runId: "r1" });
  assertEquals(read("--resume").resume, "latest");
  assertEquals(read("--resume", "latest").resume, "latest");
  assertEquals(read("--resume", "--json").resume, "latest");
});

Deno.test("--resume goes with flags that change no result and with no other", () => {
  const allowed = read("--resume=r1", "--out=o", "--workers=3", "--json", "--quiet", "--dry-run");
  assertEquals([allowed.resume, allowed.workers, allowed.isDryRun], [{ runId: "r1" }, 3, true]);
  for (const flag of ["prices", "profile", "manifest", "run-id"]) {
    assertEquals(
      refusal("--resume=r1", `--${flag}=x`),
      `Cannot use --${flag} together with --resume`,
    );
  }
});

Deno.test("--head names a running cluster, whose token is read from its file", async () => {
  const tokenFile = await Deno.makeTempFile();
  await Deno.writeTextFile(tokenFile, "secret\n");
  const address = read("--head=http://10.0.0.1:7700/", `--token-file=${tokenFile}`).cluster;
  assertEquals([address?.headUrl, address?.token()], ["http://10.0.0.1:7700", "secret"]);
  await Deno.writeTextFile(tokenFile, "rotated\n");
  assertEquals(address?.token(), "rotated");
  await Deno.remove(tokenFile);
  assertEquals(address?.token(), "rotated");
  assertStringIncludes(refusal("--head=10.0.0.1"), '"10.0.0.1" as the address of a head');
  assertStringIncludes(
    refusal("--head=http://10.0.0.1", `--token-file=${tokenFile}`),
    `from ${tokenFile}: no such file`,
  );
});

Deno.test("production takes no arguments but flags", () => {
  assertEquals(refusal("prices.csv"), 'Cannot use the argument "prices.csv"');
});
