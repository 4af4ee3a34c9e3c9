import { join } from "@std/path";
import { ERROR_CODES, type ErrorEntry } from "../../src/base/error_codes/error_codes.ts";
import { ROOT } from "./sources.ts";

/** The list of all codes of errors, written by this program: `deno task errors`. */
export const ERRORS_PAGE = join(ROOT, "src/ERRORS.md");

/** The text of the page: a section an area, a paragraph a code. */
export function errorsPageText(codes: Readonly<Record<string, ErrorEntry>>): string {
  const areas = Map.groupBy(
    Object.entries(codes).sort(([a], [b]) => a < b ? -1 : 1),
    ([code]) => code.split("/")[0],
  );
  return [
    "# Errors by their code",
    "",
    "A command that cannot do what it was asked for prints `error[CODE]: …`, and below it what to do;",
    'with `--json` also `{"error": {"code", "message", "hint"}}` on standard output. `UserError` and the',
    "errors of tasks have the code as `code`, answers of a head over HTTP as `code` beside `error`. A",
    "code keeps its meaning; the words of messages may change. `deno task explain CODE` prints an entry,",
    "[TROUBLESHOOTING.md](TROUBLESHOOTING.md) goes by the text. `deno task errors` writes this page.",
    "",
    ...[...areas].flatMap(([area, entries]) => [
      `## ${area}`,
      "",
      ...entries.flatMap((
        [code, { meaning, advice }],
      ) => [`- **${code}**: ${meaning} → ${advice}`]),
      "",
    ]),
  ].join("\n");
}

/** The page as `deno fmt` leaves it.
 * @throws {Error} with what the formatter said */
export async function formatted(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "--config", join(ROOT, "deno.json"), "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`Cannot format the page: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.writeTextFile(ERRORS_PAGE, await formatted(errorsPageText(ERROR_CODES)));
}
