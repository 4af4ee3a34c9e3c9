import { join, toFileUrl } from "@std/path";
import { errorMessage } from "../../src/base/errors.ts";
import { findInnerConfigs } from "../code/find_project.ts";
import { buildImportMap } from "../code/import_map.ts";
import { mergeLocks, parseLock } from "../code/lock_file.ts";
import type { LockFile } from "../code/lock_file.ts";
import { readImportConfig } from "../code/project_config.ts";

/** How the executors of one version of some code are started. */
export interface CodeEnvironment {
  /** Executors of equal keys can stand in for each other; "" are those that any module of this machine can use. */
  readonly key: string;
  /** The URL of the code's folder, with `/` at the end: modules are named from there; undefined: by their whole URL. */
  readonly rootUrl: string | undefined;
  /** For `deno run`: what decides how imports are resolved. */
  readonly denoArgs: readonly string[];
}

/** Code cannot be prepared, on this node or on any other. */
export class CodeError extends Error {
  override readonly name = "CodeError";
}

/** Where Tradewind itself lies on this node, with `/` at the end. */
export const TRADEWIND_URL = new URL("../../", import.meta.url).href;

const TRADEWIND_FOLDER = new URL(TRADEWIND_URL).pathname;

/** A project that lies on this node. */
export interface NodeProject {
  readonly folder: string;
  /** The deno.json by which Deno reads it: its own, or an empty one. */
  readonly configPath: string;
  /** Where Tradewind is for its modules, if it is not in it: URLs with `/` at the end. */
  readonly tradewindUrls: readonly string[];
}

/** Writes what the executors of a project need besides its files: an import map, and one lock for it and for Tradewind.
 * @param outFolder where these are written
 * @returns the arguments for `deno run`
 * @throws {CodeError} for a config or a lock that cannot be read */
export async function writeResolution(
  project: NodeProject,
  lock: LockFile | undefined,
  outFolder: string,
): Promise<string[]> {
  const importMapPath = join(outFolder, "import_map.json");
  const lockPath = join(outFolder, "deno.lock");
  const inner = findInnerConfigs(project.folder);
  const importMap = readable(() =>
    buildImportMap({
      configs: [readImportConfig(project.folder), ...inner.map(readImportConfig)],
      tradewind: readImportConfig(TRADEWIND_FOLDER.replace(/\/$/, "")),
      movedTradewinds: project.tradewindUrls,
    })
  );
  const tradewindLock = parseLock(await Deno.readTextFile(`${TRADEWIND_FOLDER}deno.lock`));
  await Deno.writeTextFile(importMapPath, JSON.stringify(importMap, undefined, 2));
  await Deno.writeTextFile(lockPath, JSON.stringify(mergeLocks(lock, tradewindLock), undefined, 2));
  return [
    `--config=${project.configPath}`,
    `--import-map=${importMapPath}`,
    `--lock=${lockPath}`,
    "--node-modules-dir=none",
  ];
}

/** The lock of a project; undefined when it has none.
 * @throws {CodeError} for one that cannot be read */
export async function readLock(folder: string): Promise<LockFile | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(join(folder, "deno.lock"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return readable(() => parseLock(text));
}

/** The packages that the config of a project names, for instance `npm:zod@4`.
 * @throws {CodeError} for a config that cannot be read */
export function namedPackages(folder: string): string[] {
  const { imports } = readable(() => readImportConfig(folder));
  return [...new Set(Object.values(imports))].filter((address) => /^(npm|jsr):/.test(address));
}

/** The URL of a folder, with `/` at the end. */
export function folderUrl(folder: string): string {
  return toFileUrl(`${folder}/`).href;
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CodeError(errorMessage(error), { cause: error });
  }
}
