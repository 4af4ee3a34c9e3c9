import { dirname, fromFileUrl, join } from "@std/path";
import { parse as parseJsonc } from "@std/jsonc";
import { UserError } from "../../src/base/errors.ts";
import { listProjectFiles } from "./project_files.ts";

const CONFIG_NAMES = ["deno.json", "deno.jsonc", "package.json"];

/** The folder of the project that a module belongs to: the nearest above it with a deno.json, a deno.jsonc or a
 * package.json; of a member of a workspace, the workspace's.
 * @param moduleUrl a `file:` URL
 * @throws {UserError} when there is none */
export function findProject(moduleUrl: string): string {
  const path = fromFileUrl(moduleUrl);
  const project = nearestProject(dirname(path));
  if (project === undefined) {
    throw new UserError(
      "code/no-project",
      `Cannot ship the code of ${path}: no folder above it has a deno.json or a package.json`,
      {
        hint: "Put a deno.json, if only {}, into the folder of the project; or connect with " +
          'code: "in-place" when modules lie at the same path on every node.',
      },
    );
  }
  for (
    let above = nearestProject(dirname(project));
    above !== undefined;
    above = nearestProject(dirname(above))
  ) {
    if (workspaceMembers(above).some((member) => join(above!, member) === project)) return above;
  }
  return project;
}

/** The config file in a project's folder by which Deno resolves imports; undefined when there is none. */
export function configOf(project: string): string | undefined {
  return CONFIG_NAMES.slice(0, 2).map((name) => join(project, name)).find(isFile);
}

/** The folders inside a project that have a config file of their own: members of a workspace, vendored projects. */
export function findInnerConfigs(project: string): string[] {
  const { files } = listProjectFiles(project);
  const folders = files.filter(({ path }) => CONFIG_NAMES.some((name) => path.endsWith(`/${name}`)))
    .map(({ path }) => dirname(join(project, path)));
  return [...new Set(folders)];
}

function nearestProject(folder: string): string | undefined {
  if (CONFIG_NAMES.some((name) => isFile(join(folder, name)))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestProject(parent);
}

function workspaceMembers(folder: string): string[] {
  const path = configOf(folder);
  if (path === undefined) return [];
  const { workspace } = parseJsonc(Deno.readTextFileSync(path)) as { workspace?: unknown };
  if (Array.isArray(workspace)) return workspace;
  const members = (workspace as { members?: unknown } | undefined)?.members;
  return Array.isArray(members) ? members : [];
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
