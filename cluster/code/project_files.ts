import { formatSize } from "../../src/base/size_text.ts";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { IgnoreRules } from "./ignore_rules.ts";

/** A file of a project that travels to the nodes. */
export interface ProjectFile {
  /** Relative to the project's folder, with `/` between its parts. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly isExecutable: boolean;
}

/** What of a project travels, and what does not although no rule excludes it. */
export interface ProjectListing {
  /** In the order of their paths. */
  readonly files: readonly ProjectFile[];
  /** Links that lead nowhere, out of the project, or back to a folder that they are in; sockets and devices. */
  readonly leftOut: readonly string[];
}

/** The most that the code of a project may take; what is larger is data, and belongs into the object store. */
export const MAX_CODE_BYTES = 64 * 1024 * 1024;
/** The most files that the code of a project may have. */
export const MAX_CODE_FILES = 20_000;

const SHOWN_FILES = 5;

/** Lists the files of a project: all below its folder but what `.gitignore` and `.tradewindignore` files exclude, and
 * what never is code: `.git`, `node_modules`, `artifacts`, `coverage`, `.env` files. Links to files and folders of the
 * project are followed, so that only plain files travel. Looks at names, sizes and times, and reads no file but the
 * rules.
 * @throws {UserError} naming the biggest files when they are over the limits */
export function listProjectFiles(
  root: string,
  maxBytes = MAX_CODE_BYTES,
  maxFiles = MAX_CODE_FILES,
): ProjectListing {
  const walk: Walk = {
    root,
    realRoot: Deno.realPathSync(root),
    files: [],
    leftOut: [],
    sizeBytes: 0,
    maxFiles,
  };
  listFolder(walk, "", new IgnoreRules(root), [walk.realRoot]);
  if (walk.files.length > maxFiles || walk.sizeBytes > maxBytes) {
    throw tooLarge(walk, maxBytes, maxFiles);
  }
  walk.files.sort((a, b) => a.path < b.path ? -1 : 1);
  return { files: walk.files, leftOut: walk.leftOut.sort() };
}

interface Walk {
  readonly root: string;
  readonly realRoot: string;
  readonly files: ProjectFile[];
  readonly leftOut: string[];
  sizeBytes: number;
  readonly maxFiles: number;
}

/** @param folder relative to the root; "" is the root itself
 * @param realFolders the real paths of the folder and all above it, by which a circle of links is noticed */
function listFolder(
  walk: Walk,
  folder: string,
  rules: IgnoreRules,
  realFolders: readonly string[],
): void {
  const entries = [...Deno.readDirSync(join(walk.root, folder))];
  const folderRules = rules.enter(folder, entries);
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    const target = resolveEntry(walk, path, entry);
    if (folderRules.excludes(path, target?.isDirectory ?? false)) continue;
    if (target?.isDirectory) {
      const realPath = entry.isSymlink
        ? Deno.realPathSync(join(walk.root, path))
        : join(realFolders.at(-1)!, entry.name);
      if (realFolders.includes(realPath)) walk.leftOut.push(path);
      else listFolder(walk, path, folderRules, [...realFolders, realPath]);
    } else if (target?.isFile) {
      addFile(walk, path);
    } else {
      walk.leftOut.push(path);
    }
    // Far past the limit, such as in a home folder taken for a project, there is nothing more to learn.
    if (walk.files.length > 2 * walk.maxFiles) return;
  }
}

/** What an entry is, or, of a link, what it leads to; undefined for what does not travel. */
function resolveEntry(
  walk: Walk,
  path: string,
  entry: Deno.DirEntry,
): { readonly isFile: boolean; readonly isDirectory: boolean } | undefined {
  if (!entry.isSymlink) return entry;
  try {
    const real = Deno.realPathSync(join(walk.root, path));
    if (!real.startsWith(`${walk.realRoot}/`) && real !== walk.realRoot) return undefined;
    return Deno.statSync(real);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || isLinkCircle(error)) return undefined;
    throw error;
  }
}

function isLinkCircle(error: unknown): boolean {
  return error instanceof Deno.errors.FilesystemLoop ||
    (error instanceof Error && (error as { code?: unknown }).code === "ELOOP");
}

function addFile(walk: Walk, path: string): void {
  const info = Deno.statSync(join(walk.root, path));
  walk.sizeBytes += info.size;
  walk.files.push({
    path,
    sizeBytes: info.size,
    modifiedAtMs: info.mtime?.getTime() ?? 0,
    isExecutable: ((info.mode ?? 0) & 0o100) !== 0,
  });
}

function tooLarge(walk: Walk, maxBytes: number, maxFiles: number): UserError {
  const biggest = walk.files.toSorted((a, b) => b.sizeBytes - a.sizeBytes).slice(0, SHOWN_FILES);
  const names = biggest.map(({ path, sizeBytes }) => `${path} (${formatSize(sizeBytes)})`);
  return new UserError(
    "code/too-large",
    `Cannot ship the code in ${walk.root}: it has ${walk.files.length} files and ` +
      `${formatSize(walk.sizeBytes)}, the limits are ${maxFiles} and ${formatSize(maxBytes)}. ` +
      `The biggest: ${names.join(", ")}`,
    {
      hint: "Name what is no code in .gitignore or .tradewindignore, and put data into the " +
        "object store.",
    },
  );
}
