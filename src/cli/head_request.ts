import { bearer } from "../../cluster/protocol/access.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import type { ClusterAddress } from "./cluster_address.ts";

const PATIENCE_MS = 10_000;

/** Asks a head over HTTP.
 * @throws {UserError} when it does not answer, refuses the token, or does not know what was asked for */
export async function requestHead(address: ClusterAddress, path: string): Promise<Response> {
  const { headUrl, token } = address;
  let response: Response;
  try {
    response = await fetch(`${headUrl}${path}`, {
      headers: { authorization: bearer(token) },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (cause) {
    throw new UserError(
      "head/unreachable",
      `Cannot reach the head at ${headUrl}: ${errorMessage(cause)}`,
      {
        hint: "Start one with deno task head, or name another with --head.",
        cause,
      },
    );
  }
  if (response.ok) return response;
  const { error } = await response.json() as { readonly error?: string };
  throw new UserError(
    "head/refused",
    `The head at ${headUrl} answered ${response.status}: ${error}`,
  );
}
