import { dirname, fromFileUrl, relative, resolve } from "@std/path";
import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { section } from "./schema_fields.ts";

/** What users can bring themselves, under names of their own. */
const OWN_KINDS = ["profiles", "strategies", "simulators", "metrics"] as const;

/** One kind of what users bring. */
export type OwnKind = typeof OWN_KINDS[number];

/** An export of a module that travels with the project. */
export interface OwnModule {
  /** From the project's folder on, with slashes. */
  readonly module: string;
  readonly exportName: string;
}

/** By kind and name. */
export type OwnConfig = Readonly<Record<OwnKind, Readonly<Record<string, OwnModule>>>>;

/** As a manifest spells it: `"./mine.ts#tilt"` by kind and name. */
export type OwnLayer = Partial<Readonly<Record<OwnKind, Readonly<Record<string, string>>>>>;

/** Nothing of one's own. */
export const NO_OWN: OwnConfig = { profiles: {}, strategies: {}, simulators: {}, metrics: {} };

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const REFERENCE = /^[^#]+\.[cm]?[jt]s#[A-Za-z_$][\w$]*$/;
const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

/** The schema of section `own` of a manifest.
 * @param taken names that there are already, by kind */
export function ownSchema(taken: Readonly<Record<OwnKind, readonly string[]>>): z.ZodType {
  const expected = 'a module and an export of it, as "./mine.ts#tilt"';
  const reference = z.string({ error: expected }).regex(REFERENCE, expected);
  const byName = (kind: OwnKind) =>
    z.record(
      z.string()
        .regex(NAME, "a lower-case letter, then lower-case letters, digits and _")
        .refine((name) => !taken[kind].includes(name), "a name that nothing of Tradewind has"),
      reference,
      { error: "an object of name: module#export" },
    ).optional();
  const shape = Object.fromEntries(OWN_KINDS.map((kind) => [kind, byName(kind)]));
  return z.strictObject(shape, section).optional();
}

/** The names of a kind in a manifest that was not checked yet. */
export function ownNames(manifest: unknown, kind: OwnKind): string[] {
  const own = (manifest as { own?: Record<string, unknown> } | null)?.own?.[kind];
  return typeof own === "object" && own !== null ? Object.keys(own) : [];
}

/** The modules of a manifest, as they are found on every machine.
 * @throws {UserError} for one outside of the project, which is what travels to workers */
export function resolveOwn(own: OwnLayer, manifestPath: string): OwnConfig {
  const kinds = OWN_KINDS.map((kind) => [
    kind,
    Object.fromEntries(
      Object.entries(own[kind] ?? {}).map(([name, reference]) => [
        name,
        resolveReference(reference, `own.${kind}.${name}`, manifestPath),
      ]),
    ),
  ]);
  return Object.fromEntries(kinds) as OwnConfig;
}

function resolveReference(reference: string, key: string, manifestPath: string): OwnModule {
  const [file, exportName] = reference.split("#");
  const path = resolve(dirname(manifestPath), file);
  const module = relative(PROJECT, path).replaceAll("\\", "/");
  if (!module.startsWith("../") && !module.startsWith("/")) return { module, exportName };
  throw new UserError(
    "own/outside-project",
    `Cannot use ${key} of ${manifestPath}: ${path} lies outside of the project ${PROJECT}, ` +
      `which is what travels to workers`,
    { hint: "Move the module into the project, for instance into a folder own/." },
  );
}
