import { basename, extname, join } from "@std/path";
import type { RunFile } from "../../../cluster/head/dashboard/run_source.ts";
import { entriesIfThere, sizeBytesIfThere } from "../../base/if_there.ts";

/** What a run leaves in its folder for people, as paths in there. */
const FILES = [
  "report.html",
  "report.md",
  "report.json",
  "run.json",
  "metrics.json",
  "portfolio.json",
  "config/production.json",
  "config/meta.json",
] as const;
/** Folders all of whose files are. */
const FOLDERS = ["reports", "returns", "data"] as const;
const MAX_FILES = 200;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".json": "application/json",
  ".md": "text/plain; charset=utf-8",
};

/** A file in a run's folder. */
export interface ListedFile {
  /** Its path in the folder: by this it is asked for. */
  readonly key: string;
  readonly title: string;
  readonly sizeBytes: number;
}

/** The files of a run that people may want, those that are there. */
export function listRunFiles(folder: string): ListedFile[] {
  const inside = FOLDERS.flatMap((name) =>
    fileNames(join(folder, name)).map((file) => `${name}/${file}`)
  );
  return [...FILES, ...inside].slice(0, MAX_FILES).flatMap((key) => {
    const sizeBytes = sizeBytesIfThere(join(folder, key));
    return sizeBytes === undefined ? [] : [{ key, title: basename(key), sizeBytes }];
  });
}

/** Opens a file of a run by its key; undefined for whatever {@linkcode listRunFiles} does not name, so that no key leads
 * out of the folder. */
export async function openRunFile(folder: string, key: string): Promise<RunFile | undefined> {
  const listed = listRunFiles(folder);
  const known = listed.find((file) => file.key === key);
  if (known === undefined) return undefined;
  const file = await Deno.open(join(folder, key), { read: true });
  const { size } = await file.stat();
  return {
    body: file.readable,
    contentType: TYPES[extname(key)] ?? "application/octet-stream",
    sizeBytes: size,
  };
}

function fileNames(folder: string): string[] {
  return entriesIfThere(folder).filter(({ isFile }) => isFile).map(({ name }) => name).sort();
}
