import { sha256Hex } from "../../../src/base/hash.ts";

/** What a page of the dashboard may do: its own scripts and styles, its own server, nothing else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** A file that a run left is shown, but it runs no script, and gets no origin and no way out but links to new windows. */
const FILE_POLICY = [
  "sandbox allow-popups",
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "font-src data:",
  "frame-ancestors 'self'",
].join("; ");

const COMMON = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** Headers of a file that a run left behind. */
export const RUN_FILE_HEADERS: Readonly<Record<string, string>> = {
  ...COMMON,
  "content-security-policy": FILE_POLICY,
  "cache-control": "no-store",
};

const FILES: ReadonlyMap<string, { readonly file: string; readonly type: string }> = new Map([
  ["/dashboard", { file: "index.html", type: "text/html; charset=utf-8" }],
  ["/dashboard/app.js", { file: "app.js", type: "text/javascript; charset=utf-8" }],
  ["/dashboard/app.css", { file: "app.css", type: "text/css; charset=utf-8" }],
  ["/dashboard/icon.svg", { file: "icon.svg", type: "image/svg+xml" }],
]);

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** The files of the page: no secrets, so anybody may have them. */
export class Assets {
  readonly #loaded = new Map<string, Promise<Asset>>();

  /** Answers a request for one of them; undefined for any other path. */
  async answer(request: Request, pathname: string): Promise<Response | undefined> {
    const known = FILES.get(pathname);
    if (known === undefined) return undefined;
    let asset = this.#loaded.get(known.file);
    if (asset === undefined) this.#loaded.set(known.file, asset = load(known.file));
    const { bytes, etag } = await asset;
    const headers = {
      ...COMMON,
      "content-type": known.type,
      "content-security-policy": PAGE_POLICY,
      "cache-control": "no-cache",
      etag,
    };
    if (request.headers.get("if-none-match") === etag) {
      return new Response(null, { status: 304, headers });
    }
    return new Response(request.method === "HEAD" ? null : bytes, { headers });
  }
}

async function load(file: string): Promise<Asset> {
  const bytes = await Deno.readFile(new URL(`./assets/${file}`, import.meta.url));
  return { bytes, etag: `"${sha256Hex(bytes).slice(0, 32)}"` };
}
