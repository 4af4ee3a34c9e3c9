import { errorMessage } from "../../src/base/errors.ts";
import { askPatiently } from "./ask_patiently.ts";
import type { Patience } from "./ask_patiently.ts";

/** Whoever was asked does not have the object. */
export class ObjectMissingError extends Error {
  override readonly name = "ObjectMissingError";
}

/** Where an object is asked for. */
export interface PullSource {
  /** For instance `http://10.0.0.5:4567`. */
  readonly url: string;
  readonly token: string;
}

/** Times that a transfer is taken up again without a byte in between. */
const MAX_FRUITLESS = 3;
/** A source that sends nothing for so long is given up. */
const SILENCE_MS = 30_000;

const NO_PATIENCE: Patience = { patienceMs: 0 };

/** The bytes of an object from one source. A transfer that breaks is taken up again where it broke.
 * @param patience with a source that cannot be reached; default: none
 * @throws {ObjectMissingError} when the source does not have it · {Error} when it cannot be reached or refuses */
export async function* pullObject(
  { url, token }: PullSource,
  objectId: string,
  patience = NO_PATIENCE,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  let totalBytes: number | undefined;
  let fruitless = 0;
  while (totalBytes === undefined || offset < totalBytes) {
    try {
      const response = await askPatiently(
        patience,
        () => ask(`${url}/objects/${objectId}`, token, offset),
      );
      totalBytes ??= Number(response.headers.get("content-length"));
      for await (const chunk of withoutSilence(response)) {
        offset += chunk.byteLength;
        fruitless = 0;
        yield chunk;
      }
      if (offset < totalBytes) throw new Error(`the answer ended after ${offset} bytes`);
    } catch (error) {
      if (error instanceof ObjectMissingError || error instanceof RefusedError) throw error;
      if (++fruitless > MAX_FRUITLESS) {
        throw new Error(`Cannot get object ${objectId} from ${url}: ${errorMessage(error)}`, {
          cause: error,
        });
      }
    }
  }
}

/** The reason in a refusal. */
export async function reasonOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return String((JSON.parse(text) as { error?: unknown }).error ?? text);
  } catch {
    return text;
  }
}

/** The source answered, and will not answer otherwise. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
}

async function ask(url: string, token: string, offset: number): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (offset > 0) headers.range = `bytes=${offset}-`;
  const response = await fetch(url, { headers });
  if (response.ok && (offset === 0 || response.status === 206)) return response;
  const reason = `${new URL(url).host} answered ${response.status}: ${await reasonOf(response)}`;
  if (response.status === 404 || response.status === 410) throw new ObjectMissingError(reason);
  throw new RefusedError(reason);
}

async function* withoutSilence(response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = (response.body ?? new Blob([]).stream()).getReader();
  const cancel = () => reader.cancel(new Error(`nothing came for ${SILENCE_MS} ms`));
  try {
    while (true) {
      const timer = setTimeout(cancel, SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
