import type { z } from "zod";

/** JSON of an expected shape.
 * @throws {Error} in a few words, for text that is cut short or of another shape */
export function parseJson<T>(body: Uint8Array, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new Error("the answer is no JSON, or was cut short", { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new Error(`the answer is of another shape: ${path.join(".")}: ${message}`);
}
