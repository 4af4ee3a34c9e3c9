import { closestString } from "@std/text/closest-string";
import type { z } from "zod";

/** One thing that is wrong with a layer, in words. */
export interface Problem {
  /** The member, or for an unknown key the key's path. */
  readonly path: readonly PropertyKey[];
  /** Whether the place to show is the key and not its value. */
  readonly atKey: boolean;
  /** What is wrong there, to follow the place. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | undefined;
}

/** Puts what a schema found into words, with the nearest valid name where a name is wrong.
 * @param issues of `safeParse`
 * @param input what was parsed
 * @param keysAt the keys that an object at a path may have
 * @param subject what the whole input is called, for instance "the manifest" */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
  subject: string,
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const { path } = issue;
    if (issue.code === "unrecognized_keys") {
      const valid = keysAt(path);
      const owner = path.length === 0 ? subject : path.join(".");
      return issue.keys.map((key) => ({
        path: [...path, key],
        atKey: true,
        message: `${owner} has no key ${JSON.stringify(key)}`,
        hint: nearestHint(key, valid),
      }));
    }
    if (issue.code === "invalid_key") {
      const message = `${JSON.stringify(path.at(-1))} cannot name ${path.slice(0, -1).join(".")}`;
      return [{ path, atKey: true, message, hint: `Use ${issue.issues[0]?.message}.` }];
    }
    const value = valueAt(input, path);
    const found = value === undefined ? "missing" : JSON.stringify(value);
    const names = issue.code === "invalid_value" ? issue.values.map(String) : [];
    return [{
      path,
      atKey: false,
      message: `${path.join(".") || subject} is ${found}; expected ${issue.message}`,
      hint: typeof value === "string" && names.length > 0 ? nearestHint(value, names) : undefined,
    }];
  });
}

/** "Did you mean …?" with all that there is to choose from. */
export function nearestHint(given: string, valid: readonly string[]): string | undefined {
  if (valid.length === 0) return undefined;
  return `Did you mean ${JSON.stringify(closestString(given, valid))}? There are: ${
    valid.join(", ")
  }.`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    input,
  );
}
