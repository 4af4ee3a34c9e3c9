import { join } from "@std/path";
import ignore from "ignore";

/** What never is code, and what must not leave the machine. A `.tradewindignore` can take it back (`!artifacts`). */
const ALWAYS_EXCLUDED = [
  ".git",
  ".hg",
  ".svn",
  "node_modules",
  "artifacts",
  "coverage",
  ".env",
  ".env.*",
  ".DS_Store",
  "*.tmp",
];

/** In the order of their weight: the later one has the last word. */
const RULE_FILES = [".gitignore", ".tradewindignore"];

interface FolderRules {
  /** Relative to the project; "" is the project itself. */
  readonly folder: string;
  readonly matcher: ignore.Ignore;
}

/** Which files of a project are excluded, by Git's rules: a pattern counts from the folder of the file that it is in,
 * and what a deeper folder says goes before what its parents say. */
export class IgnoreRules {
  readonly #root: string;
  /** From the root downwards. */
  readonly #levels: readonly FolderRules[];

  constructor(
    root: string,
    levels: readonly FolderRules[] = [{ folder: "", matcher: matcherOf(ALWAYS_EXCLUDED) }],
  ) {
    this.#root = root;
    this.#levels = levels;
  }

  /** The rules inside of a folder with these entries: the same, or with what a rule file in it says. */
  enter(folder: string, entries: readonly Deno.DirEntry[]): IgnoreRules {
    const names = RULE_FILES.filter((name) =>
      entries.some((entry) => entry.name === name && entry.isFile)
    );
    if (names.length === 0) return this;
    const texts = names.map((name) => Deno.readTextFileSync(join(this.#root, folder, name)));
    return new IgnoreRules(this.#root, [...this.#levels, { folder, matcher: matcherOf(texts) }]);
  }

  /** Whether a file, or a folder with all that is in it, stays behind.
   * @param path relative to the project, in the folder that was entered */
  excludes(path: string, isFolder: boolean): boolean {
    for (const { folder, matcher } of this.#levels.toReversed()) {
      const local = folder === "" ? path : path.slice(folder.length + 1);
      const { ignored, unignored } = matcher.test(isFolder ? `${local}/` : local);
      // Excluded by its folder alone, which another rule has taken back.
      if (ignored && isFolderIgnored(matcher, local)) continue;
      if (ignored || unignored) return ignored;
    }
    return false;
  }
}

function isFolderIgnored(matcher: ignore.Ignore, path: string): boolean {
  const end = path.lastIndexOf("/");
  return end > 0 && matcher.test(path.slice(0, end + 1)).ignored;
}

function matcherOf(patterns: readonly string[]): ignore.Ignore {
  // As one text: of a list each item would be one pattern.
  return ignore({ ignorecase: false }).add(patterns.join("\n"));
}
