/** Where the members of a JSONC text stand, as offsets into it. */
export interface JsoncPlaces {
  /** The offset of the value at a path; of its nearest ancestor that exists when there is none. */
  valueAt(path: readonly PropertyKey[]): number;
  /** The offset of the key at the end of a path. */
  keyAt(path: readonly PropertyKey[]): number;
  /** Keys that stand twice in one object, of which a parser keeps the last. */
  readonly repeatedKeys: readonly {
    readonly path: readonly PropertyKey[];
    readonly offset: number;
    readonly firstOffset: number;
  }[];
}

/** Finds the places of all keys and values.
 * @param text JSONC that a parser has accepted: this one only walks, it does not judge */
export function locateJsonc(text: string): JsoncPlaces {
  const walker = new JsoncWalker(text);
  walker.walk();
  const valueAt = (path: readonly PropertyKey[]): number =>
    walker.values.get(pathKey(path)) ?? (path.length === 0 ? 0 : valueAt(path.slice(0, -1)));
  return {
    valueAt,
    keyAt: (path) => walker.keys.get(pathKey(path)) ?? valueAt(path),
    repeatedKeys: walker.repeatedKeys,
  };
}

/** `line:column` of an offset, both from 1; columns count UTF-16 units. */
export function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  return `${before.split("\n").length}:${offset - before.lastIndexOf("\n")}`;
}

const pathKey = (path: readonly PropertyKey[]) => JSON.stringify(path.map(String));

class JsoncWalker {
  readonly values = new Map<string, number>();
  readonly keys = new Map<string, number>();
  readonly repeatedKeys: { path: PropertyKey[]; offset: number; firstOffset: number }[] = [];
  #at = 0;

  constructor(private readonly text: string) {}

  walk(path: PropertyKey[] = []): void {
    this.#skipTrivia();
    this.values.set(pathKey(path), this.#at);
    switch (this.text[this.#at]) {
      case "{":
        return this.#walkMembers("}", () => this.#walkKey(path));
      case "[": {
        let index = 0;
        return this.#walkMembers("]", () => [...path, index++]);
      }
      case '"':
        this.#string();
        return;
      default:
        this.#skip(/[^\s,:{}[\]"/]*/y);
    }
  }

  #walkMembers(close: string, nextPath: () => PropertyKey[]): void {
    this.#at++;
    for (;;) {
      this.#skipTrivia();
      const character = this.text[this.#at];
      if (character === close || character === undefined) break;
      if (character === ",") this.#at++;
      else this.walk(nextPath());
    }
    this.#at++;
  }

  #walkKey(parent: PropertyKey[]): PropertyKey[] {
    const offset = this.#at;
    const path = [...parent, JSON.parse(this.#string()) as string];
    const firstOffset = this.keys.get(pathKey(path));
    if (firstOffset !== undefined) this.repeatedKeys.push({ path, offset, firstOffset });
    this.keys.set(pathKey(path), offset);
    this.#skipTrivia();
    this.#at++; // the colon
    return path;
  }

  #string(): string {
    return this.#skip(/"(?:[^"\\]|\\.)*"/ys);
  }

  #skipTrivia(): void {
    this.#skip(/(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y);
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text)?.[0] ?? "";
    this.#at += match.length;
    return match;
  }
}
