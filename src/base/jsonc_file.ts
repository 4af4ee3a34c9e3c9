import { parse } from "@std/jsonc";
import type { Problem } from "./config_problem.ts";
import { errorMessage, UserError } from "./errors.ts";
import { type JsoncPlaces, lineAndColumn, locateJsonc } from "./jsonc_places.ts";

const MAX_PROBLEMS_SHOWN = 10;

/** A JSONC text that was read: its value, and where in the text each member stands. */
export interface JsoncFile {
  /** The file's path, as messages name it. */
  readonly path: string;
  readonly text: string;
  readonly json: unknown;
  readonly places: JsoncPlaces;
}

/** Reads JSONC.
 * @param path names the file in messages
 * @throws {UserError} with line and column, for a wrong syntax and for a key that stands twice */
export function parseJsoncFile(text: string, path: string): JsoncFile {
  let json: unknown;
  try {
    json = parse(text);
  } catch (cause) {
    const message = errorMessage(cause);
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.trimEnd().length);
    const reason = message.replace(/^Cannot parse JSONC: /, "").replace(/ in JSONC at.*$/, "");
    throw new UserError(
      "config/bad-syntax",
      `Cannot read ${path}:${lineAndColumn(text, offset)} as JSONC: ${reason}`,
      {
        cause,
      },
    );
  }
  const places = locateJsonc(text);
  const [repeated] = places.repeatedKeys;
  if (repeated !== undefined) {
    const here = lineAndColumn(text, repeated.offset);
    const first = lineAndColumn(text, repeated.firstOffset);
    throw new UserError(
      "config/repeated-key",
      `Cannot use ${path}:${here}: ${
        repeated.path.join(".")
      } stands there a second time, after ${first}`,
    );
  }
  return { path, text, json, places };
}

/** The error that shows what is wrong with a file, each problem with its line and column.
 * @param subject what the file is called when several things are wrong, for instance "the manifest"
 * @param problems at least one */
export function problemsError(
  { path, text, places }: JsoncFile,
  subject: string,
  problems: readonly Problem[],
): UserError {
  const lines = problems.slice(0, MAX_PROBLEMS_SHOWN).map(({ path: at, atKey, message }) => {
    const offset = atKey ? places.keyAt(at) : places.valueAt(at);
    return `${path}:${lineAndColumn(text, offset)}: ${message}`;
  });
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  const heading = lines.length === 1
    ? `Cannot use ${lines[0]}`
    : `Cannot use ${subject}:\n  ${lines.join("\n  ")}`;
  return new UserError(problems[0].atKey ? "config/bad-key" : "config/bad-value", heading, {
    hint: problems.find(({ hint }) => hint !== undefined)?.hint,
  });
}
