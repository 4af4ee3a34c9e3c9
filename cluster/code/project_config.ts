import { join, toFileUrl } from "@std/path";
import { parse as parseJsonc } from "@std/jsonc";
import { errorMessage } from "../../src/base/errors.ts";
import { configOf } from "./find_project.ts";
import type { ImportConfig } from "./import_map.ts";

/** What a folder says of the imports of its modules, by its deno.json and its package.json; nothing when it has none.
 * @throws {Error} for a file that cannot be read as what it should be */
export function readImportConfig(folder: string): ImportConfig {
  const path = configOf(folder);
  const config = path === undefined ? {} : readObject(path);
  return {
    folderUrl: toFileUrl(`${folder}/`).href,
    imports: { ...readPackages(folder), ...textTable(config.imports) },
    scopes: Object.fromEntries(
      Object.entries(asObject(config.scopes)).map((
        [scope, entries],
      ) => [scope, textTable(entries)]),
    ),
  };
}

/** The packages of a package.json, as imports. */
function readPackages(folder: string): Record<string, string> {
  const path = join(folder, "package.json");
  let config: Record<string, unknown>;
  try {
    config = readObject(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  const packages = Object.entries(textTable(config.dependencies));
  return Object.fromEntries(
    // Paths and repositories are no packages of a registry: Deno does not take them either.
    packages.filter(([, range]) => !/[:/]/.test(range) || range.startsWith("npm:"))
      .map(([name, range]) => [name, range.startsWith("npm:") ? range : `npm:${name}@${range}`]),
  );
}

function readObject(path: string): Record<string, unknown> {
  const text = Deno.readTextFileSync(path);
  try {
    return asObject(parseJsonc(text));
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${errorMessage(error)}`, { cause: error });
  }
}

function asObject(value: unknown): Record<string, unknown> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? value as Record<string, unknown> : {};
}

function textTable(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asObject(value)).filter((entry): entry is [string, string] =>
      typeof entry[1] === "string"
    ),
  );
}
