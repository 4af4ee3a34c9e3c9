import { resolve } from "@std/path";
import { errorMessage, UserError } from "../base/errors.ts";
import type { FlagSpec, ParsedFlags } from "./flags.ts";

/** Where a head keeps its state when nothing else is said. */
export const DEFAULT_HEAD_DIR = "artifacts/head";
/** The port of a head when nothing else is said. */
export const DEFAULT_PORT = 7700;
/** The name of the token's file in a head's folder. */
export const TOKEN_FILE = "token";

/** A running head, and what lets us in. */
export interface ClusterAddress {
  readonly headUrl: string;
  readonly token: string;
}

/** The flags that name a running head. */
export const HEAD_FLAGS: readonly FlagSpec[] = [
  {
    name: "head",
    kind: "value",
    placeholder: "URL",
    help: `A running head, for instance http://127.0.0.1:${DEFAULT_PORT}.`,
  },
  {
    name: "token-file",
    kind: "value",
    placeholder: "FILE",
    help: `Its token (default: ${DEFAULT_HEAD_DIR}/${TOKEN_FILE}).`,
  },
];

/** Reads the flags that name a running head; without `--head` it is the one that listens here by default.
 * @throws {UserError} for what is no address, and for a token that cannot be read */
export function readClusterAddress(flags: ParsedFlags["flags"]): ClusterAddress {
  const headUrl = flags.get("head") ?? `http://127.0.0.1:${DEFAULT_PORT}`;
  if (!/^https?:$/.test(URL.parse(headUrl)?.protocol ?? "")) {
    throw new UserError(`Cannot use ${JSON.stringify(headUrl)} as the address of a head`, {
      hint: `An address looks like http://127.0.0.1:${DEFAULT_PORT}.`,
    });
  }
  const tokenFile = flags.get("token-file") ?? `${DEFAULT_HEAD_DIR}/${TOKEN_FILE}`;
  try {
    return {
      headUrl: headUrl.replace(/\/+$/, ""),
      token: Deno.readTextFileSync(resolve(tokenFile)).trim(),
    };
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "no such file" : errorMessage(cause);
    throw new UserError(`Cannot read the cluster's token from ${tokenFile}: ${reason}`, {
      hint: "The head says at its start where its token is; give that with --token-file.",
      cause,
    });
  }
}
