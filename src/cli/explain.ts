import { ERROR_CODES, isErrorCode } from "../base/error_codes/error_codes.ts";
import { UserError } from "../base/errors.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";

const COMMAND: CommandSpec = {
  command: "deno task explain",
  summary:
    "Says what the code of an error stands for, as in error[prices/bad-cell], and what to do about it.\n" +
    "Without a code, or with the beginning of one such as prices/: all that there are.",
  positionals: [],
  optionalPositionals: ["CODE"],
  flags: [{ name: "json", kind: "switch", help: "Print code, meaning and advice as JSON." }],
  epilogue: ["src/TROUBLESHOOTING.md goes by the text of messages, src/ERRORS.md lists all codes."],
};

function main({ flags, positionals }: ParsedFlags): Promise<number> {
  const codes = codesOf(positionals[0] ?? "");
  const entries = codes.map((code) => ({ code, ...ERROR_CODES[code] }));
  if (flags.has("json")) print(`${JSON.stringify(entries)}\n`);
  else if (entries.length === 1) {
    const [{ code, meaning, advice }] = entries;
    print(`${code}\n  ${meaning}\n  → ${advice}\n`);
  } else {
    const width = Math.max(...codes.map((code) => code.length)) + 2;
    for (const { code, meaning } of entries) print(`${code.padEnd(width)}${meaning}\n`);
  }
  return Promise.resolve(EXIT_CODES.ok);
}

/** The code that is named, else all that begin so.
 * @throws {UserError} when there is none */
function codesOf(text: string) {
  if (isErrorCode(text)) return [text];
  const codes = Object.keys(ERROR_CODES).filter(isErrorCode);
  const found = codes.filter((code) => code.startsWith(text));
  if (found.length > 0) return found;
  throw new UserError("command/bad-value", `Cannot explain ${JSON.stringify(text)}: no such code`, {
    hint: "deno task explain without a code lists all.",
  });
}

if (import.meta.main) await runCommand(COMMAND, main);
