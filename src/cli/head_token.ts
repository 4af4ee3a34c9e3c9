import { z } from "zod";
import { viewerToken } from "../../cluster/head/dashboard/session.ts";
import type { HeadOptions } from "../../cluster/head/head.ts";
import type { PreviousToken } from "../../cluster/head/token_desk.ts";
import { newToken } from "../../cluster/protocol/access.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { readTextIfThere } from "../base/if_there.ts";
import { newId } from "../base/ids.ts";
import { VIEWER_TOKEN_FILE } from "./cluster_address.ts";

const PREVIOUS = z.object({ token: z.string(), validUntilMs: z.number() });

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
    return readTokenFile(tokenFile);
  } catch (cause) {
    throw new UserError(
      "head/unwritable-folder",
      `Cannot keep the state of a head in ${stateDir}: ${errorMessage(cause)}`,
      {
        cause,
      },
    );
  }
}

/** The token that a file holds. */
export function readTokenFile(tokenFile: string): string {
  return Deno.readTextFileSync(tokenFile).trim();
}

/** Writes a token into a file that only its owner can read: the whole of it, or nothing. */
export function writeTokenFile(tokenFile: string, token: string): void {
  const temporary = `${tokenFile}.${newId("new")}`;
  Deno.writeTextFileSync(temporary, token, { mode: 0o600, createNew: true });
  Deno.renameSync(temporary, tokenFile);
}

/** Where a head's tokens are kept beside each other: the one of now, the one before while it is valid, and what lets
 * people look and change nothing.
 * @param onChange told after they were written */
export function tokenFiles(
  stateDir: string,
  tokenFile: string,
  onChange: () => void = () => {},
): NonNullable<HeadOptions["tokenFiles"]> {
  const previousFile = `${tokenFile}.previous`;
  return {
    previous: readPrevious(previousFile),
    keep: (token, previous) => {
      // The old one first: a head that dies in between knows both.
      writeTokenFile(previousFile, JSON.stringify(previous ?? null));
      writeTokenFile(tokenFile, token);
      writeViewerToken(`${stateDir}/${VIEWER_TOKEN_FILE}`, token);
      onChange();
    },
  };
}

/** Writes what lets people look at a head and change nothing into a file that only its owner can read. */
export function writeViewerToken(viewerFile: string, token: string): void {
  writeTokenFile(viewerFile, viewerToken(token));
}

function readPrevious(file: string): PreviousToken | undefined {
  const text = readTextIfThere(file);
  return text === undefined
    ? undefined
    : PREVIOUS.nullable().catch(null).parse(parsed(text)) ?? undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
