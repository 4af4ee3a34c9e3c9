import { CodedError } from "../base/errors.ts";
import { dirname, fromFileUrl, join, relative, toFileUrl } from "@std/path";
import { sha256Hex } from "../base/hash.ts";

/** Names the code of a module: SHA-256 over its source, the sources of everything that it reaches by relative
 * imports (static, re-exported, or dynamic with a literal specifier), the files that it names by
 * `new URL("./x", import.meta.url)`, and the nearest deno.lock above it, which pins the npm packages. Type-only
 * imports don't count: they are gone when the code runs. Paths count relative to the lock's folder, so that another
 * checkout of the same code has the same hash. Computed once a process: a file changed later is not seen.
 * @param moduleUrl `import.meta.url` of the module; what is not a `file:` URL counts by its name alone
 * @throws {Error} when the module itself cannot be read */
export function codeHash(moduleUrl: string): Promise<string> {
  let hash = memo.get(moduleUrl);
  if (hash === undefined) {
    hash = computeCodeHash(moduleUrl);
    memo.set(moduleUrl, hash);
  }
  return hash;
}

const memo = new Map<string, Promise<string>>();

interface SourceFile {
  readonly sha256: string;
  /** The URLs of the local files that it needs. */
  readonly needs: readonly string[];
}

/** Files by URL, shared by all modules of this process; undefined for what does not exist. */
const sourceFiles = new Map<string, Promise<SourceFile | undefined>>();

async function computeCodeHash(moduleUrl: string): Promise<string> {
  if (!moduleUrl.startsWith("file:")) return sha256Hex(moduleUrl);
  if (await readSourceFile(moduleUrl) === undefined) {
    throw new CodedError(
      "flow/cannot-load",
      `Cannot hash the code of ${moduleUrl}: there is no such file`,
    );
  }
  const lock = await findLock(dirname(fromFileUrl(moduleUrl)));
  const root = lock?.folder ?? dirname(fromFileUrl(moduleUrl));
  const lines: string[] = [];
  for (const [url, file] of await readClosure(moduleUrl)) {
    const path = relative(root, fromFileUrl(url)).replaceAll("\\", "/");
    lines.push(`${path} ${file?.sha256 ?? "missing"}`);
  }
  lines.sort();
  return sha256Hex([`lock ${lock?.sha256 ?? "none"}`, ...lines].join("\n"));
}

async function readClosure(rootUrl: string): Promise<Map<string, SourceFile | undefined>> {
  const closure = new Map<string, SourceFile | undefined>();
  let frontier = [rootUrl];
  while (frontier.length > 0) {
    const files = await Promise.all(frontier.map(readSourceFile));
    frontier.forEach((url, i) => closure.set(url, files[i]));
    const needed = new Set(files.flatMap((file) => file?.needs ?? []));
    frontier = [...needed].filter((url) => !closure.has(url));
  }
  return closure;
}

function readSourceFile(url: string): Promise<SourceFile | undefined> {
  let file = sourceFiles.get(url);
  if (file === undefined) {
    file = loadSourceFile(url);
    sourceFiles.set(url, file);
  }
  return file;
}

async function loadSourceFile(url: string): Promise<SourceFile | undefined> {
  const bytes = await readFileIfAny(fromFileUrl(url));
  if (bytes === undefined) return undefined;
  const isCode = /\.[cm]?[jt]sx?$/.test(new URL(url).pathname);
  const specifiers = isCode ? findLocalSpecifiers(new TextDecoder().decode(bytes)) : [];
  return {
    sha256: sha256Hex(bytes),
    needs: specifiers.map((specifier) => {
      const resolved = new URL(specifier, url);
      resolved.search = resolved.hash = "";
      return resolved.href;
    }),
  };
}

const SPECIFIER_PATTERNS: readonly RegExp[] = [
  // import x, { y } from "./z.ts" · export * from "./z.ts"; [^"'`;] keeps the match inside one statement.
  /\b(?:import|export)\b(?!\s+type\b(?!\s+from\b))[^"'`;()]*?\bfrom\s*["'](\.{1,2}\/[^"']+)["']/g,
  // import "./z.ts"
  /\bimport\s*["'](\.{1,2}\/[^"']+)["']/g,
  // import("./z.ts")
  /\bimport\s*\(\s*["'](\.{1,2}\/[^"']+)["']/g,
  // new URL("./kernel.wasm", import.meta.url)
  /\bnew\s+URL\s*\(\s*["'](\.{1,2}\/[^"']+)["']\s*,\s*import\.meta\.url/g,
];

/** The relative specifiers that a source names. Looks for patterns instead of parsing: what it finds too much, in a
 * comment or a text, can only make a hash change more often than it must.
 * @param source TypeScript or JavaScript
 * @returns each once, in the order of first mention by pattern */
export function findLocalSpecifiers(source: string): string[] {
  const found = new Set<string>();
  for (const pattern of SPECIFIER_PATTERNS) {
    for (const match of source.matchAll(pattern)) found.add(match[1]!);
  }
  return [...found];
}

interface Lock {
  readonly folder: string;
  readonly sha256: string;
}

async function findLock(folder: string): Promise<Lock | undefined> {
  const url = toFileUrl(join(folder, "deno.lock")).href;
  const file = await readSourceFile(url);
  if (file !== undefined) return { folder, sha256: file.sha256 };
  const parent = dirname(folder);
  return parent === folder ? undefined : await findLock(parent);
}

/** Undefined for what does not exist or is a folder. */
async function readFileIfAny(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory) {
      return undefined;
    }
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
