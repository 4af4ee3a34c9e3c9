import { parseEnv } from "node:util";
import { errorMessage, UserError } from "../base/errors.ts";

/** The variables of a `.env` file; none when there is no such file. It is read, not put into the environment.
 * @throws {UserError} when it exists and cannot be read */
export async function readDotEnv(path: string): Promise<Record<string, string>> {
  try {
    return { ...parseEnv(await Deno.readTextFile(path)) } as Record<string, string>;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return {};
    throw new UserError("file/unreadable", `Cannot read ${path}: ${errorMessage(cause)}`, {
      cause,
    });
  }
}
