/** Variables of tasks whose values must not be seen in what leaves the node. */
const SECRET_NAME = /^TV_.*(SECRET|KEY|TOKEN|PASSWORD)/;
/** A shorter value would hide half of every text, and hides little by itself. */
const MIN_SECRET_LENGTH = 4;
/** Values that one set remembers; the oldest fall out. */
const MAX_SECRETS = 1_000;
const MASK = "***";

/** The values of an environment that are secrets: those of at least 4 characters of TV_* variables whose name holds
 * SECRET, KEY, TOKEN or PASSWORD. */
export function secretsOf(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).filter(([name, value]) =>
    SECRET_NAME.test(name) && value.trim().length >= MIN_SECRET_LENGTH
  ).map(([, value]) => value.trim());
}

/** Secrets that must not be seen, each also in the form that it has in JSON and in URLs. PURE. */
export class SecretSet {
  readonly #values = new Set<string>();
  #forms: readonly string[] = [];
  #firsts = /$^/g;

  constructor(secrets: readonly string[]) {
    this.learn(secrets);
  }

  /** Takes more of them; those that are known cost nothing. */
  learn(secrets: readonly string[]): void {
    if (secrets.every((secret) => this.#values.has(secret))) return;
    for (const secret of secrets) this.#values.add(secret);
    for (const oldest of this.#values) {
      if (this.#values.size <= MAX_SECRETS) break;
      this.#values.delete(oldest);
    }
    const forms = new Set([...this.#values].flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret.toWellFormed()),
    ]));
    // Longest first, so that of two that begin alike the longer is found.
    this.#forms = [...forms].sort((a, b) => b.length - a.length);
    const firsts = new Set(this.#forms.map(([first]) => first));
    this.#firsts = new RegExp([...firsts].map(escapeCharacter).join("|"), "gu");
  }

  /** Masks the secrets in a text; its end is left over when that may be the beginning of one. */
  mask(text: string): { readonly safe: string; readonly open: string } {
    if (this.#forms.length === 0) return { safe: text, open: "" };
    let safe = "";
    let from = 0;
    this.#firsts.lastIndex = 0;
    for (let found = this.#firsts.exec(text); found !== null; found = this.#firsts.exec(text)) {
      const at = found.index;
      const rest = text.length - at;
      if (this.#forms.some((form) => rest < form.length && form.startsWith(text.slice(at)))) {
        return { safe: safe + text.slice(from, at), open: text.slice(at) };
      }
      const form = this.#forms.find((candidate) => text.startsWith(candidate, at));
      if (form === undefined) continue;
      safe += text.slice(from, at) + MASK;
      from = at + form.length;
      this.#firsts.lastIndex = from;
    }
    return { safe: safe + text.slice(from), open: "" };
  }

  /** Masks the secrets in a whole text, and an end that is most of one. */
  redact(text: string): string {
    const { safe, open } = this.mask(text);
    return safe + maskOpenEnd(open);
  }

  /** A copy of plain data in which every text is redacted; typed arrays and the like are as they were. */
  redactIn<T>(value: T): T {
    if (typeof value === "string") return this.redact(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.redactIn(item)) as T;
    if (typeof value !== "object" || value === null) return value;
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.redactIn(item)]),
    ) as T;
  }
}

/** Replaces secrets by `***` in a text that comes in pieces, wherever the pieces are cut. PURE. */
export class Redactor {
  readonly #secrets: SecretSet;
  #held = "";

  constructor(secrets: SecretSet) {
    this.#secrets = secrets;
  }

  /** What is safe to show by now, with the next piece; what may be the beginning of a secret is held back. */
  push(piece: string): string {
    const { safe, open } = this.#secrets.mask(this.#held + piece);
    this.#held = open;
    return safe;
  }

  /** What was held back, when no more is to come. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return maskOpenEnd(held);
  }
}

/** No whole secret, but perhaps most of one: hidden unless it is shorter than any secret. */
function maskOpenEnd(open: string): string {
  return open.length >= MIN_SECRET_LENGTH ? MASK : open;
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
