import { z } from "zod";

/** The largest number of rows that a manifest can ask for. */
const MAX_ROWS = 1_000_000;

/** What an object that is none is told to be. */
export const section = {
  error: (issue: { code?: string }): string | undefined =>
    issue.code === "invalid_type" ? "an object" : undefined,
};

/** A text that is not empty.
 * @param expected says what it is, to follow "expected" */
export function text(expected: string): z.ZodString {
  return z.string({ error: expected }).min(1, { error: expected });
}

/** A place in S3. */
export function s3Url(): z.ZodString {
  const error = "s3://BUCKET/PREFIX";
  return z.string({ error }).regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/.*)?$/, { error });
}

/** True or false. */
export function flag(): z.ZodBoolean {
  return z.boolean({ error: "true or false" });
}

/** A whole number from `least` on. */
export function whole(least: number): z.ZodInt {
  const error = `a whole number from ${least} to ${MAX_ROWS}`;
  return z.int({ error }).min(least, { error }).max(MAX_ROWS, { error });
}

/** A number within bounds.
 * @param bound whether `least` itself will do */
export function number(
  least: number,
  greatest: number,
  bound: "from" | "above" = "from",
): z.ZodNumber {
  const error = `a number ${bound} ${least} to ${greatest}`;
  const schema = z.number({ error }).max(greatest, { error });
  return bound === "above" ? schema.gt(least, { error }) : schema.min(least, { error });
}

/** One of some names. */
export function oneOf(names: readonly string[]): z.ZodEnum<Record<string, string>> {
  return z.enum(names as [string, ...string[]], { error: `one of ${names.join(", ")}` });
}

/** A list that is not empty and holds nothing twice.
 * @param of says what it holds */
export function list<T extends z.ZodType>(item: T, of: string): z.ZodArray<T> {
  return z.array(item, { error: `a list of ${of}` }).min(1, { error: `a list of ${of}, not empty` })
    .refine((items) => new Set(items).size === items.length, `a list of ${of}, each once`);
}
