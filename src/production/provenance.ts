import { fromFileUrl } from "@std/path";
import { sha256Hex } from "../base/hash.ts";
import configuration from "../../deno.json" with { type: "json" };

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** By what code a run was made. */
export interface Provenance {
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of deno.lock, which pins every dependency. */
  readonly lockHash: string;
  /** The commit that is checked out; null outside of a git checkout. */
  readonly gitHash: string | null;
}

/** Reads what identifies the running code. */
export async function readProvenance(): Promise<Provenance> {
  const { deno, v8, typescript } = Deno.version;
  return {
    versions: { tradewind: configuration.version, deno, v8, typescript },
    lockHash: sha256Hex(await Deno.readFile(`${ROOT}deno.lock`)),
    gitHash: await readGitHash(`${ROOT}.git`),
  };
}

/** The commit of HEAD, read from git's files: git itself need not be installed. */
async function readGitHash(gitDir: string): Promise<string | null> {
  const head = await readText(`${gitDir}/HEAD`);
  const reference = /^ref: (\S+)/.exec(head ?? "")?.[1];
  if (reference === undefined) return head?.trim() ?? null;
  const loose = await readText(`${gitDir}/${reference}`);
  if (loose !== undefined) return loose.trim();
  const packed = await readText(`${gitDir}/packed-refs`) ?? "";
  return packed.split("\n").find((line) => line.endsWith(` ${reference}`))?.split(" ")[0] ?? null;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    // A worktree, a shallow copy or no checkout at all: then the commit is not known.
    return undefined;
  }
}
