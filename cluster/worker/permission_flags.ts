import { dirname, fromFileUrl } from "@std/path";
import type { GrantedPermissions } from "./granted_permissions.ts";

/** Where Tradewind itself lies. */
const OWN_ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** What every executor needs, whatever its task may do. */
export interface ExecutorNeeds {
  /** The daemon's socket: the one address that is always open. */
  readonly socketPath: string;
  /** Folders of the daemon that it reads and writes. */
  readonly ownDirs: readonly string[];
  /** Folders and files of code: of the task's project and its packages. */
  readonly codePaths: readonly string[];
}

/** The permissions of an executor as flags of Deno. */
export function permissionFlags(
  { net, read, write, ffi }: GrantedPermissions,
  { socketPath, ownDirs, codePaths }: ExecutorNeeds,
): string[] {
  const readable = read && [...read, ...write, ...ownDirs, ...codePaths, OWN_ROOT, denoDir()];
  return [
    readable === undefined ? "--allow-read" : `--allow-read=${readable.join(",")}`,
    `--allow-write=${[...ownDirs, ...write].join(",")}`,
    net.includes("*") ? "--allow-net" : `--allow-net=${[`unix:${socketPath}`, ...net].join(",")}`,
    "--allow-env",
    "--allow-sys",
    ...(ffi ? ["--allow-ffi"] : []),
  ];
}

/** Where a module's code lies, as far as its address tells. */
export function folderOfModule(module: string): string[] {
  return module.startsWith("file:") ? [dirname(fromFileUrl(module))] : [];
}

function denoDir(): string {
  const { DENO_DIR, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
  return DENO_DIR ?? `${XDG_CACHE_HOME ?? `${HOME ?? ""}/.cache`}/deno`;
}
