import { dirname, fromFileUrl, join, relative } from "@std/path";

/** The root of the source tree. */
export const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** A source file: its path from the root, its text, and the files of the tree that it imports. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

/** All TypeScript files below those of the given folders that exist, and `mod.ts`. */
export function readSources(...folders: readonly string[]): Source[] {
  const paths = folders.filter(exists).flatMap((folder) => [...walk(join(ROOT, folder))]);
  return [...paths, join(ROOT, "mod.ts")].sort().map(readSource);
}

/** The text without comments: what is said in prose is not code. Strings stay, so a `//` in one costs its tail. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}

function readSource(path: string): Source {
  const text = Deno.readTextFileSync(path);
  const specifiers = withoutComments(text).matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
  const imports = [...specifiers].map(([, specifier]) =>
    relative(ROOT, join(dirname(path), specifier))
  );
  return { path: relative(ROOT, path), text, imports };
}

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* walk(path);
    else if (/\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts")) yield path;
  }
}

function exists(folder: string): boolean {
  try {
    return Deno.statSync(join(ROOT, folder)).isDirectory;
  } catch {
    return false;
  }
}
