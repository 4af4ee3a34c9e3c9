import { nearestHint, type Problem, problemsOf } from "../base/config_problem.ts";
import { parseJsoncFile, problemsError } from "../base/jsonc_file.ts";
import { z } from "zod";
import { metaProblems } from "./meta_problems.ts";
import { type AllowedNames, type Manifest, manifestSchema } from "./schema.ts";

const SUBJECT = "the manifest";

/** The manifest that a JSONC text is.
 * @param path names the file in messages
 * @throws {UserError} with line, column, key and value of all that is wrong: the syntax, a key that stands twice or
 * does not exist, a value of another kind, a name that nothing has */
export function parseManifest(text: string, path: string, names: AllowedNames): Manifest {
  const file = parseJsoncFile(text, path);
  const schema = manifestSchema(names, file.json);
  const result = schema.safeParse(file.json);
  if (!result.success) {
    const keysAt = (at: readonly PropertyKey[]) => keysOf(schema, at);
    throw problemsError(file, SUBJECT, problemsOf(result.error.issues, file.json, keysAt, SUBJECT));
  }
  const manifest = result.data as unknown as Manifest;
  const dangling = [...danglingNames(manifest), ...metaProblems(manifest)];
  if (dangling.length > 0) throw problemsError(file, SUBJECT, dangling);
  return manifest;
}

/** Aliases and a default that lead to no profile: shown now, not on the day when they are used. */
function danglingNames({ default_profile, profiles, aliases = {} }: Manifest): Problem[] {
  const problem = (path: string[], message: string, hint?: string): Problem => ({
    path,
    atKey: false,
    message: `${path.join(".")} ${message}`,
    hint,
  });
  const names = Object.keys(profiles);
  const problems = Object.entries(aliases).flatMap(([alias, target]) => {
    if (Object.hasOwn(profiles, alias)) return [problem(["aliases", alias], "is a profile, too")];
    if (Object.hasOwn(profiles, target)) return [];
    const message = `is ${JSON.stringify(target)}, but there is no such profile`;
    return [problem(["aliases", alias], message, nearestHint(target, names))];
  });
  if (Object.hasOwn(profiles, default_profile) || Object.hasOwn(aliases, default_profile)) {
    return problems;
  }
  const message = `is ${JSON.stringify(default_profile)}, but there is no such profile or alias`;
  const hint = nearestHint(default_profile, [...names, ...Object.keys(aliases)]);
  return [problem(["default_profile"], message, hint), ...problems];
}

/** The keys that an object at a path may have. */
function keysOf(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap() as z.ZodType, path);
  const [first, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    if (first === undefined) return Object.keys(schema.shape);
    const field = schema.shape[String(first)] as z.ZodType | undefined;
    return field === undefined ? [] : keysOf(field, rest);
  }
  if (schema instanceof z.ZodRecord) return keysOf(schema.valueType as z.ZodType, rest);
  if (schema instanceof z.ZodArray) return keysOf(schema.element as z.ZodType, rest);
  return [];
}
