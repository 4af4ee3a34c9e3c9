import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { ROOT } from "../structure/sources.ts";
import { withFolder } from "./cli.ts";

const EXAMPLES = fromFileUrl(new URL("../../testdata/examples/", import.meta.url));

/** What each example prints that is run by itself. */
const PRINTED: Readonly<Record<string, string>> = {
  "price_store.ts": "101.476\n104.476\n107.476\n110.476\n",
  "sweep.ts": "10000 backtests\nbest: fast 3, slow 243, 1 became 1111.87\n",
};

/** Runs Deno with the clone's configuration, and gives what it prints.
 * @throws {Error} when it fails */
async function deno(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (code !== 0) throw new Error(`${args.join(" ")}: ${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

for (const [file, printed] of Object.entries(PRINTED)) {
  Deno.test(`the example ${file} runs as it is written`, () =>
    withFolder(async (folder) => {
      assertEquals(await deno(["run", "-A", "--quiet", join(EXAMPLES, file)], folder), printed);
    }));
}

Deno.test("the notebook's cells run in deno repl", () =>
  withFolder(async (folder) => {
    for (const file of ["notebook.ts", "notebook_functions.ts"]) {
      await Deno.copyFile(join(EXAMPLES, file), join(folder, file));
    }
    const config = ["--config", join(ROOT, "deno.json")];
    const said = await deno(["repl", "-A", ...config, "--eval-file=notebook.ts"], folder);
    assertStringIncludes(said, "0.100 0.000 0.000\n");
  }));

Deno.test("the nightly sleeve is deployed and run by the commands of the examples' README", () =>
  withFolder(async (out) => {
    const readme = await Deno.readTextFile(join(EXAMPLES, "README.md"));
    const [, params, cron, zone] =
      /--params '(.*)' \\\n\s+--cron "(.*)" --time-zone (\S+)/.exec(readme) ?? [];
    const type = (...args: string[]) =>
      deno(["task", "--quiet", "flow", "--", ...args, "--out", out], ROOT);
    const deployed = await type(
      "deploy",
      "sleeve",
      "testdata/examples/nightly_sleeve.ts#nightlySleeve",
      ...["--params", params, "--cron", cron, "--time-zone", zone],
    );
    assertStringIncludes(deployed, "sleeve is flow nightly-sleeve: 30 22 * * 1-5 America/New_York");
    const weights = JSON.parse(await type("run", "sleeve", "--workers", "1"));
    assertEquals(weights.map(({ symbol }: { symbol: string }) => symbol), ["AAPL", "KO", "XOM"]);
    const total = weights.reduce((sum: number, { weight }: { weight: number }) => sum + weight, 0);
    assertMatch(total.toFixed(9), /^1\.0{9}$/);
  }));

Deno.test("the examples' README lists every example", async () => {
  const readme = await Deno.readTextFile(join(EXAMPLES, "README.md"));
  for await (const { name } of Deno.readDir(EXAMPLES)) {
    if (name !== "README.md") assertStringIncludes(readme, `(${name})`);
  }
});
