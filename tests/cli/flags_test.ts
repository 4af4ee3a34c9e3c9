import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UserError } from "../../src/base/errors.ts";
import { type CommandSpec, parseFlags, renderHelp } from "../../src/cli/flags.ts";

const SPEC: CommandSpec = {
  command: "tool",
  summary: "Does things.",
  positionals: [],
  flags: [
    { name: "file", kind: "value", placeholder: "FILE", help: "A file." },
    { name: "resume", kind: "optional", placeholder: "ID", help: "Go on." },
    { name: "quiet", kind: "switch", help: "Say nothing." },
  ],
  epilogue: ["Exit codes: 0."],
};
const WITH_PATH: CommandSpec = { ...SPEC, positionals: ["PATH"] };

const parsed = (...args: string[]) => Object.fromEntries(parseFlags(SPEC, args).flags);

function refusal(spec: CommandSpec, ...args: string[]): { message: string; hint: string } {
  const { message, hint } = assertThrows(() => parseFlags(spec, args), UserError);
  return { message, hint: hint ?? "" };
}

Deno.test("parseFlags() takes --name value and --name=value for the same", () => {
  fc.assert(fc.property(
    fc.string({ minLength: 1 }).filter((text) => !text.startsWith("-")),
    (value) => {
      assertEquals(parsed("--file", value), { file: value });
      assertEquals(parsed(`--file=${value}`), { file: value });
    },
  ));
});

Deno.test("parseFlags() cuts at the first equals sign, and an inline value may begin with dashes", () => {
  assertEquals(parsed("--file=a=b"), { file: "a=b" });
  assertEquals(parsed("--file=--quiet"), { file: "--quiet" });
});

Deno.test("parseFlags() lets an optional value be left out, at the end and before another flag", () => {
  assertEquals(parsed("--resume"), { resume: "" });
  assertEquals(parsed("--resume", "--quiet"), { resume: "", quiet: "" });
  assertEquals(parsed("--resume", "r1", "--quiet"), { resume: "r1", quiet: "" });
});

Deno.test("parseFlags() gives a switch no value, neither inline nor the next argument", () => {
  assertEquals(refusal(SPEC, "--quiet=yes").message, 'Cannot give --quiet a value: "yes"');
  assertEquals(parseFlags(WITH_PATH, ["--quiet", "a.txt"]).positionals, ["a.txt"]);
});

Deno.test("parseFlags() refuses a flag without its value, also when another flag or -- follows", () => {
  for (const args of [["--file"], ["--file="], ["--file", "--quiet"], ["--file", "--", "x"]]) {
    assertEquals(refusal(SPEC, ...args).message, "Cannot use --file without FILE");
  }
});

Deno.test("parseFlags() refuses an unknown flag and names the nearest one", () => {
  const { message, hint } = refusal(SPEC, "--qiuet");
  assertEquals(message, "Cannot use --qiuet: there is no such flag");
  assertEquals(hint, "The nearest one is --quiet. See tool --help.");
});

Deno.test("parseFlags() refuses a flag that stands twice", () => {
  assertEquals(refusal(SPEC, "--file=a", "--file", "b").message, "Cannot use --file twice");
});

Deno.test("parseFlags() wants exactly the positionals of the command", () => {
  assertEquals(refusal(WITH_PATH).message, "Cannot run without PATH");
  assertEquals(refusal(WITH_PATH, "a", "b").message, 'Cannot use the argument "b"');
  assertEquals(refusal(SPEC, "-x").message, 'Cannot use the argument "-x"');
});

Deno.test("parseFlags() takes everything after -- as it stands, a --help too", () => {
  for (const argument of ["--quiet", "--help", "-h"]) {
    const { flags, positionals } = parseFlags(WITH_PATH, ["--", argument]);
    assertEquals([flags.size, positionals], [0, [argument]]);
  }
});

Deno.test("parseFlags() with --help or -h looks at nothing else", () => {
  assertEquals(parsed("--no-such", "x", "--help"), { help: "" });
  assertEquals(parsed("-h", "surplus"), { help: "" });
});

Deno.test("parseFlags() either reads a command line or refuses it by a UserError", () => {
  const argument = fc.oneof(
    fc.constantFrom("--file", "--resume", "--quiet", "--", "-", "--=", "--file=", "-h"),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(argument), (args) => {
    try {
      const { flags } = parseFlags(SPEC, args);
      const known = ["file", "resume", "quiet", "help"];
      assertEquals([...flags.keys()].filter((name) => !known.includes(name)), []);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }));
});

Deno.test("renderHelp() shows every flag with its value, aligned, and the sections below", () => {
  assertEquals(
    renderHelp(WITH_PATH),
    `tool PATH [flags]

Does things.

  --file FILE    A file.
  --resume [ID]  Go on.
  --quiet        Say nothing.
  --help         Show this text.

Exit codes: 0.
`,
  );
});
