import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { production, runsIn, withFolder } from "./cli.ts";
import { writeManifest } from "./manifest.ts";

const DATES = Array.from(
  { length: 400 },
  (_, i) => new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10),
);

/** A wide CSV of two symbols, with lines of it replaced. */
function csv(replaced: Record<number, string> = {}, header = "date,AAA,BBB"): string {
  const lines = [header, ...DATES.map((date, i) => `${date},${100 + (i % 7)},${50 + (i % 5)}`)];
  for (const [line, text] of Object.entries(replaced)) lines[Number(line) - 1] = text;
  return `${lines.join("\n")}\n`;
}

interface BadInput {
  readonly name: string;
  /** A price file, by its name. */
  readonly prices?: readonly [name: string, content: string | Uint8Array];
  readonly profile?: Record<string, unknown>;
  readonly manifestText?: string;
  readonly args?: readonly string[];
  /** What the message has to contain. */
  readonly says: readonly string[];
}

const BAD_PRICES: readonly BadInput[] = [
  {
    name: "a file that is not there",
    args: ["--prices", "/nowhere/closes.csv"],
    says: ["/nowhere/closes.csv", "no such file"],
  },
  { name: "a folder", args: ["--prices", "/tmp"], says: ["Cannot read prices from", "folder"] },
  { name: "junk", prices: ["junk.parquet", new Uint8Array([1, 2, 3, 4])], says: ["junk.parquet"] },
  {
    name: "random bytes that are called CSV",
    prices: ["junk.csv", Uint8Array.from({ length: 999 }, (_, i) => (i * 151 + 200) % 256)],
    says: ["junk.csv"],
  },
  {
    name: "a Parquet file that was cut short",
    prices: ["cut.parquet", new TextEncoder().encode("PAR1 and no more")],
    says: ["cut.parquet", "Parquet"],
  },
  { name: "a header alone", prices: ["x.csv", "date,AAA\n"], says: ["x.csv", "no rows"] },
  { name: "an empty file", prices: ["empty.csv", ""], says: ["empty.csv", "empty"] },
  {
    name: "a table without dates",
    prices: ["x.csv", csv({}, "name,AAA,BBB").replaceAll(/\d{4}-\d\d-\d\d/g, "some")],
    says: ["x.csv", "date"],
  },
  {
    name: "unsorted dates",
    prices: ["x.csv", csv({ 5: "2019-06-01,1,1" })],
    says: ["x.csv", "row 5", "2019-06-01"],
  },
  {
    name: "repeated dates",
    prices: ["x.csv", csv({ 5: `${DATES[2]},1,1` })],
    says: ["x.csv", "row 5", DATES[2]],
  },
  {
    name: "text in a price column",
    prices: ["x.csv", csv({ 9: `${DATES[7]},100,abc` })],
    says: ["x.csv", "line 9", "BBB", "abc"],
  },
  {
    name: "a negative price",
    prices: ["x.csv", csv({ 9: `${DATES[7]},-1,50` })],
    says: ["x.csv", "row 9", "AAA", "-1"],
  },
  {
    name: "a price of zero",
    prices: ["x.csv", csv({ 9: `${DATES[7]},0,50` })],
    says: ["x.csv", "row 9", "AAA", "0"],
  },
  {
    name: "fewer rows than one window",
    prices: ["x.csv", csv().split("\n").slice(0, 101).join("\n")],
    says: ["x.csv", "it has 100 rows", "needs 273"],
  },
];

const BAD_SETTINGS: readonly BadInput[] = [
  { name: "an unknown profile", args: ["--profile", "smal"], says: ["smal", "small"] },
  {
    name: "an unknown optimiser profile",
    profile: { backtest: { profiles: ["min_varianc"] } },
    says: ["min_varianc", "min_variance"],
  },
  {
    name: "an unknown engine",
    profile: { backtest: { engines: ["clusterd"] } },
    says: ["clusterd", "clustered"],
  },
  {
    name: "an unknown key",
    profile: { backtest: { trian: 252 } },
    says: ["trian", "train", "manifest.jsonc:1:"],
  },
  {
    name: "a manifest that is no JSON",
    manifestText: '{ "profiles": ',
    says: ["manifest.jsonc:1:"],
  },
  {
    name: "an unknown symbol",
    profile: { discovery: { symbols: ["APPL"] } },
    says: ["APPL", "AAPL"],
  },
  { name: "a run id with a path in it", args: ["--run-id", "../x"], says: ["../x", "run id"] },
  { name: "an output folder below a file", args: ["--out", "/dev/null/x"], says: ["/dev/null/x"] },
  { name: "an unknown flag", args: ["--worker", "2"], says: ["--worker", "--workers"] },
  { name: "no workers", args: ["--workers", "0"], says: ["workers", "1 to 256"] },
  { name: "nothing to resume", args: ["--resume"], says: ["no unfinished run"] },
  {
    name: "a resume with other settings",
    args: ["--resume", "x", "--profile", "small"],
    says: ["--profile", "--resume"],
  },
];

for (const bad of [...BAD_PRICES, ...BAD_SETTINGS]) {
  Deno.test(`${bad.name}: a clear message, exit code 2, and nothing is begun`, () =>
    withFolder(async (folder) => {
      const out = join(folder, "out");
      const manifest = await writeManifest(folder, bad.profile);
      if (bad.manifestText !== undefined) await Deno.writeTextFile(manifest, bad.manifestText);
      const args = [...bad.args ?? []];
      if (bad.prices !== undefined) {
        const [name, content] = bad.prices;
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        await Deno.writeFile(join(folder, name), bytes);
        args.push("--prices", join(folder, name));
      }
      if (!args.includes("--resume")) args.push("--manifest", manifest);
      if (!args.includes("--out")) args.push("--out", out);
      const { code, stdout, stderr } = await production(args);
      assertEquals([code, stdout], [2, ""], stderr);
      for (const text of bad.says) assertStringIncludes(stderr, text);
      assertEquals(/\n\s+at /.test(stderr), false, "a stack is no message");
      assertEquals(await runsIn(out), []);
    }));
}

Deno.test("a run id that is taken is refused, and the run of that name stays as it is", () =>
  withFolder(async (folder) => {
    const out = join(folder, "out");
    const args = [
      "--manifest",
      await writeManifest(folder),
      "--out",
      out,
      "--run-id",
      "first",
      "--quiet",
    ];
    assertEquals((await production(args)).code, 0);
    const before = await Deno.readTextFile(join(out, "runs/first/run.json"));
    const { code, stderr } = await production(args);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "--resume first");
    assertEquals(await Deno.readTextFile(join(out, "runs/first/run.json")), before);
  }));
