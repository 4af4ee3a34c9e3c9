import { viewerToken } from "../../cluster/head/dashboard/session.ts";
import { newToken } from "../../cluster/protocol/access.ts";
import { errorMessage, UserError } from "../base/errors.ts";

/** The token of a head's folder, made when there is none. It stays the same, so that workers and clients find the way
 * back after a restart.
 * @throws {UserError} when the folder cannot be written */
export function readOrMakeToken(stateDir: string, tokenFile: string): string {
  try {
    Deno.mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    try {
      Deno.writeTextFileSync(tokenFile, newToken(), { mode: 0o600, createNew: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    return Deno.readTextFileSync(tokenFile).trim();
  } catch (cause) {
    throw new UserError(`Cannot keep the state of a head in ${stateDir}: ${errorMessage(cause)}`, {
      cause,
    });
  }
}

/** Writes what lets people look at a head and change nothing into a file that only its owner can read. */
export function writeViewerToken(viewerFile: string, token: string): void {
  Deno.writeTextFileSync(viewerFile, viewerToken(token), { mode: 0o600 });
}
