import { UserError } from "../base/errors.ts";
import { SharedValue } from "./shared_value.ts";

/** What checks a value, by the interface that zod, valibot, arktype and others share.
 * Source: Standard Schema, version 1 (standardschema.dev). */
export interface ParameterSchema<T> {
  /** The interface's one property. */
  readonly "~standard": {
    /** The value as it is to be used, or what is wrong with it. */
    validate(value: unknown): SchemaResult<T> | Promise<SchemaResult<T>>;
  };
}

/** What a check comes to. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | {
    readonly issues: readonly {
      readonly message: string;
      readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
    }[];
  };

/** A schema for each argument, or for the first few. */
export type ParameterSchemas<A extends unknown[]> = {
  readonly [K in keyof A]?: ParameterSchema<A[K]>;
};

/** The arguments as their schemas make them.
 * @param whose for the message, for instance `flow nightly`
 * @throws {UserError} naming every argument that does not fit, where in it, and what was expected */
export async function validateParameters(
  whose: string,
  schemas: ParameterSchemas<unknown[]>,
  args: readonly unknown[],
): Promise<readonly unknown[]> {
  const checked = [...args];
  const problems: string[] = [];
  for (let i = 0; i < schemas.length; i++) {
    const schema = schemas[i];
    if (schema === undefined || args[i] instanceof SharedValue) continue;
    const result = await schema["~standard"].validate(args[i]);
    if (result.issues === undefined) {
      checked[i] = result.value;
      continue;
    }
    for (const { message, path = [] } of result.issues) {
      problems.push(`argument ${[i + 1, ...path.map(keyText)].join(".")}: ${message}`);
    }
  }
  if (problems.length === 0) return checked;
  throw new UserError("flow/bad-arguments", `Cannot run ${whose}: ${problems.join("; ")}`);
}

function keyText(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === "object" ? part.key : part);
}
