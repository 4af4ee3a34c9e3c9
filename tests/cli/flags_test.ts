import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { type CommandSpec, parseFlags, renderHelp } from "../../src/cli/flags.ts";
import { PRODUCTION_COMMAND, readProductionArguments } from "../../src/cli/production_arguments.ts";

const SPEC: CommandSpec = {
  command: "deno task x",
  summary: "Does x.",
  positionals: ["RUN_ID"],
  flags: [
    { name: "out", kind: "value", placeholder: "DIR", help: "Where." },
    { name: "json", kind: "switch", help: "As JSON." },
    { name: "resume", kind: "optional", placeholder: "ID", help: "Go on." },
  ],
  epilogue: ["Exit codes: 0."],
};

function parse(...args: string[]): unknown[] {
  const { flags, positionals } = parseFlags(SPEC, args);
  return [Object.fromEntries(flags), positionals];
}

Deno.test("parseFlags() reads values in both spellings, switches, optional values and arguments", () => {
  assertEquals(parse("r", "--out", "a", "--json"), [{ out: "a", json: "" }, ["r"]]);
  assertEquals(parse("--out=a=b", "r"), [{ out: "a=b" }, ["r"]]);
  assertEquals(parse("r", "--resume"), [{ resume: "" }, ["r"]]);
  assertEquals(parse("r", "--resume", "--json"), [{ resume: "", json: "" }, ["r"]]);
  assertEquals(parse("r", "--resume", "id"), [{ resume: "id" }, ["r"]]);
  assertEquals(parse("--json", "--", "--odd"), [{ json: "" }, ["--odd"]]);
  assertEquals(parse("nonsense", "--help", "--odd"), [{ help: "" }, []]);
});

Deno.test("parseFlags() refuses what it cannot mean, and says what is near", () => {
  const refused = (message: string, ...args: string[]) =>
    assertThrows(() => parseFlags(SPEC, args), UserError, message);
  assertStringIncludes(refused("--ouut", "r", "--ouut").hint ?? "", "--out");
  refused("Cannot use --out without DIR", "r", "--out");
  refused("Cannot use --out without DIR", "r", "--out", "--json");
  refused("Cannot use --json twice", "r", "--json", "--json");
  refused('Cannot give --json a value: "1"', "r", "--json=1");
  refused("Cannot run without RUN_ID");
  refused('Cannot use the argument "s"', "r", "s");
});

Deno.test("renderHelp() shows every flag with its value", () => {
  assertEquals(
    renderHelp(SPEC),
    `deno task x RUN_ID [flags]

Does x.

  --out DIR      Where.
  --json         As JSON.
  --resume [ID]  Go on.
  --help         Show this text.

Exit codes: 0.
`,
  );
});

Deno.test("readProductionArguments() knows what the flags mean together", () => {
  const read = (...args: string[]) => {
    return readProductionArguments(parseFlags(PRODUCTION_COMMAND, args).flags);
  };
  assertEquals(read("--resume").resume, "latest");
  assertEquals(read("--resume", "a1").resume, { runId: "a1" });
  assertEquals(read("--workers", "3").workers, 3);
  assertEquals(read("--prices", "/data/mine.csv").overrides.map(({ key, value }) => [key, value]), [
    ["prices", "/data/mine.csv"],
    ["title", "mine.csv"],
    ["synthetic", "false"],
  ]);
  assertEquals(read("--out", "/x/../y").out, "/y");
  assertThrows(() => read("--run-id", "../x"), UserError, "run id");
  for (const workers of ["0", "1.5", "many", "257"]) {
    assertThrows(() => read("--workers", workers), UserError, "workers");
  }
  assertThrows(
    () => read("--resume", "a", "--prices", "x"),
    UserError,
    "--prices together with --resume",
  );
});
