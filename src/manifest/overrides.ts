import { z } from "zod";
import { UserError } from "../base/errors.ts";
import type { ConfigLayer } from "./config.ts";
import { nearestHint, problemsOf } from "../base/config_problem.ts";

/** A value that goes over the manifest. */
export interface Override {
  /** A key of a layer, for instance `backtest.train` or `prices`. */
  readonly key: string;
  /** As text; lists are separated by commas. */
  readonly value: string;
  /** For messages: `--train`, or `TV_BACKTEST__TRAIN in .env`. */
  readonly origin: string;
}

/** Chooses the profile, and so is no key of a layer. */
export const PROFILE_VARIABLE = "TV_PROFILE";

/** The overrides that `TV_*` variables mean: `TV_BACKTEST__TRAIN=126` is `backtest.train`, `TV_PRICES` is `prices`.
 * Empty ones count as unset. Of names that no layer has, those in a section of it are typing errors and will be
 * refused; others belong to somebody else and are left alone.
 * @param source names where they came from, for messages: `the environment`, `.env` */
export function overridesFromVariables(
  variables: Readonly<Record<string, string>>,
  source: string,
  schema: z.ZodObject,
): Override[] {
  return Object.entries(variables).flatMap(([name, value]): Override[] => {
    if (!name.startsWith("TV_") || name === PROFILE_VARIABLE || value === "") return [];
    const key = name.slice("TV_".length).toLowerCase().replace("__", ".");
    if (!Object.hasOwn(schema.shape, key.split(".")[0])) return [];
    return [{ key, value, origin: `${name} in ${source}` }];
  });
}

/** The layer that overrides make, each checked as if the manifest said it.
 * @throws {UserError} naming origin, value and what is expected: an unknown key, a value of another kind */
export function layerFromOverrides(
  overrides: readonly Override[],
  schema: z.ZodObject,
): ConfigLayer {
  const layer: Record<string, unknown> = {};
  for (const override of overrides) {
    const { key, value, origin } = override;
    const [first, ...rest] = key.split(".");
    const field = fieldAt(schema, key);
    if (field === undefined) throw unknownKey(override, schema);
    const parsed = fromText(value, field);
    const nested = rest.length === 0 ? { [first]: parsed } : { [first]: { [rest[0]]: parsed } };
    const result = schema.safeParse(nested);
    if (!result.success) {
      const [problem] = problemsOf(result.error.issues, nested, () => [], "the manifest");
      throw new UserError("config/bad-value", `Cannot use ${origin}: ${problem.message}`, {
        hint: problem.hint,
      });
    }
    layer[first] = rest.length === 0 ? parsed : { ...layer[first] as object, [rest[0]]: parsed };
  }
  return layer;
}

function unknownKey({ key, value, origin }: Override, schema: z.ZodObject): UserError {
  const [first, ...rest] = key.split(".");
  const section = objectAt(schema, first);
  const valid = section ? Object.keys(section.shape) : Object.keys(schema.shape);
  const wrong = section ? rest.join(".") : key;
  const problem = section
    ? wrong === "" ? `${first} is a section` : `${first} has no key "${wrong}"`
    : `there is no key "${key}"`;
  return new UserError(
    "config/bad-value",
    `Cannot use ${origin} = ${JSON.stringify(value)}: ${problem}`,
    {
      hint: nearestHint(wrong, valid),
    },
  );
}

/** The value's field in a layer's schema; undefined for sections and for what it does not have. */
function fieldAt(schema: z.ZodObject, key: string): z.ZodType | undefined {
  const [first, ...rest] = key.split(".");
  const section = objectAt(schema, first);
  if (section !== undefined) {
    const name = rest.join(".");
    return Object.hasOwn(section.shape, name) ? section.shape[name] as z.ZodType : undefined;
  }
  if (rest.length > 0 || !Object.hasOwn(schema.shape, first)) return undefined;
  return schema.shape[first] as z.ZodType;
}

function objectAt(schema: z.ZodObject, name: string): z.ZodObject | undefined {
  if (!Object.hasOwn(schema.shape, name)) return undefined;
  const field = withoutOptional(schema.shape[name] as z.ZodType);
  return field instanceof z.ZodObject ? field : undefined;
}

function withoutOptional(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodOptional ? withoutOptional(field.unwrap() as z.ZodType) : field;
}

/** Text as the kind of value that a field wants; what cannot be one stays text, for the schema to refuse. */
function fromText(text: string, optionalField: z.ZodType): unknown {
  const field = withoutOptional(optionalField);
  if (field instanceof z.ZodArray) {
    const items = text.split(",").map((item) => item.trim()).filter((item) => item !== "");
    return items.map((item) => fromText(item, field.element as z.ZodType));
  }
  if (field instanceof z.ZodBoolean) {
    return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
  }
  if (field instanceof z.ZodNumber) {
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
  }
  return text;
}
