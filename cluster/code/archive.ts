/** A file of an archive. */
export interface ArchiveFile {
  /** Relative, with `/` between its parts. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly isExecutable: boolean;
}

/** What an archive may hold at most. */
export interface ArchiveLimits {
  /** Of all contents together. */
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** An archive is not one of ours: nothing of it may be unpacked. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}

const BLOCK_BYTES = 512;
const MAX_PATH_BYTES = 255;
const REGULAR_FILE = 0x30;
/** Where the fields of a ustar header lie: offset and length in bytes. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;
type Field = keyof typeof FIELDS;

const encoder = new TextEncoder();

/** Packs files into a tar archive (POSIX ustar) that any `tar` unpacks. Equal files give equal bytes, in whatever order
 * they come: sorted by path, without times, owners or folders of their own, and with no modes but 644 and 755.
 * @throws {RangeError} for a path that is not safe, comes twice, or does not fit into a header (255 bytes, of which the
 * last 100 hold the file's name) */
export function packArchive(files: readonly ArchiveFile[]): Uint8Array<ArrayBuffer> {
  const sorted = files.toSorted((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  const sizeBytes = sorted.reduce((sum, { content }) => sum + blocks(content.byteLength), 0);
  const archive = new Uint8Array((sorted.length + 2) * BLOCK_BYTES + sizeBytes);
  const paths = new PathSet();
  let offset = 0;
  for (const file of sorted) {
    const refusal = paths.add(file.path);
    if (refusal !== undefined) {
      throw new RangeError(`Cannot pack ${JSON.stringify(file.path)}: ${refusal}`);
    }
    writeHeader(archive.subarray(offset, offset + BLOCK_BYTES), file);
    archive.set(file.content, offset + BLOCK_BYTES);
    offset += BLOCK_BYTES + blocks(file.content.byteLength);
  }
  return archive;
}

/** The files of an archive that {@linkcode packArchive} made; their contents are views into it.
 * @throws {ArchiveError} for anything else: links and devices, paths that are absolute or lead upwards, a path that
 * comes twice or is both file and folder, a wrong checksum, an early end, more than the limits */
export function readArchive(archive: Uint8Array, limits: ArchiveLimits): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  const paths = new PathSet();
  let contentBytes = 0;
  let offset = 0;
  while (true) {
    const header = archive.subarray(offset, offset + BLOCK_BYTES);
    if (header.byteLength < BLOCK_BYTES) refuse(`it ends in the middle, after ${offset} bytes`);
    if (header.every((byte) => byte === 0)) break;
    const { path, sizeBytes, isExecutable } = readHeader(header);
    const refusal = paths.add(path);
    if (refusal !== undefined) refuse(`it holds ${JSON.stringify(path)}: ${refusal}`);
    contentBytes += sizeBytes;
    if (contentBytes > limits.maxBytes) refuse(`it holds more than ${limits.maxBytes} bytes`);
    if (files.length >= limits.maxFiles) refuse(`it holds more than ${limits.maxFiles} files`);
    const start = offset + BLOCK_BYTES;
    const content = archive.subarray(start, start + sizeBytes);
    if (content.byteLength < sizeBytes) refuse(`it ends in the middle of ${JSON.stringify(path)}`);
    files.push({ path, content, isExecutable });
    offset = start + blocks(sizeBytes);
  }
  return files;
}

/** Paths that may lie beside each other below one folder. */
class PathSet {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** Takes a file's path, or says why not. */
  add(path: string): string | undefined {
    const parts = path.split("/");
    if (parts.some((part) => part === "" || part === "." || part === "..")) {
      return "its path is absolute, leads upwards, or has empty parts";
    }
    // deno-lint-ignore no-control-regex -- these are what must not be there
    if (/[\x00-\x1f\x7f\\]/.test(path)) return "its path has control characters or backslashes";
    if (this.#files.has(path)) return "it comes twice";
    if (this.#folders.has(path)) return "it is a folder as well";
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (this.#files.has(folder)) return `${JSON.stringify(folder)} is a file as well`;
      this.#folders.add(folder);
    }
    this.#files.add(path);
    return undefined;
  }
}

function refuse(reason: string): never {
  throw new ArchiveError(`Cannot read the archive: ${reason}`);
}

function blocks(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function writeHeader(header: Uint8Array, { path, content, isExecutable }: ArchiveFile): void {
  const { prefix, name } = splitPath(path);
  const put = (field: Field, text: string) => header.set(encoder.encode(text), FIELDS[field][0]);
  put("name", name);
  put("mode", isExecutable ? "0000755\0" : "0000644\0");
  put("uid", "0000000\0");
  put("gid", "0000000\0");
  put("size", `${content.byteLength.toString(8).padStart(11, "0")}\0`);
  put("mtime", "00000000000\0");
  put("type", "0");
  put("magic", "ustar\u000000");
  put("prefix", prefix);
  put("checksum", `${checksum(header).toString(8).padStart(6, "0")}\0 `);
}

/** A ustar header has 100 bytes for the end of a path and 155 for what is before it, cut at a `/`. */
function splitPath(path: string): { readonly prefix: string; readonly name: string } {
  const length = (text: string) => encoder.encode(text).byteLength;
  if (length(path) <= FIELDS.name[1]) return { prefix: "", name: path };
  for (let cut = path.indexOf("/"); cut > 0; cut = path.indexOf("/", cut + 1)) {
    const prefix = path.slice(0, cut);
    const name = path.slice(cut + 1);
    if (length(name) <= FIELDS.name[1] && length(prefix) <= FIELDS.prefix[1]) {
      return { prefix, name };
    }
  }
  throw new RangeError(
    `Cannot pack ${JSON.stringify(path)}: its path has ${length(path)} bytes, which do not fit ` +
      `into a header; at most ${MAX_PATH_BYTES} do, with a name of at most ${
        FIELDS.name[1]
      }. Shorten ` +
      `the names of its folders`,
  );
}

interface Header {
  readonly path: string;
  readonly sizeBytes: number;
  readonly isExecutable: boolean;
}

function readHeader(header: Uint8Array): Header {
  if (readOctal(header, "checksum") !== checksum(header)) refuse("a header has a wrong checksum");
  if (!readText(header, "magic").startsWith("ustar")) refuse("a header is not of a ustar archive");
  const [typeOffset] = FIELDS.type;
  const prefix = readText(header, "prefix");
  const name = readText(header, "name");
  const path = prefix === "" ? name : `${prefix}/${name}`;
  if (header[typeOffset] !== REGULAR_FILE) {
    refuse(`${JSON.stringify(path)} is no regular file, but a link, a folder or a device`);
  }
  return {
    path,
    sizeBytes: readOctal(header, "size"),
    isExecutable: (readOctal(header, "mode") & 0o100) !== 0,
  };
}

/** The sum of a header's bytes, its checksum taken as blanks. */
function checksum(header: Uint8Array): number {
  const [start, length] = FIELDS.checksum;
  let sum = 0;
  for (let i = 0; i < BLOCK_BYTES; i++) {
    sum += i >= start && i < start + length ? 0x20 : header[i]!;
  }
  return sum;
}

function readText(header: Uint8Array, field: Field): string {
  const [start, length] = FIELDS[field];
  const bytes = header.subarray(start, start + length);
  const end = bytes.indexOf(0);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      end === -1 ? bytes : bytes.subarray(0, end),
    );
  } catch {
    return refuse("a path is not valid UTF-8");
  }
}

function readOctal(header: Uint8Array, field: Field): number {
  const [start, length] = FIELDS[field];
  const text = String.fromCharCode(...header.subarray(start, start + length)).split("\0")[0]!;
  if (!/^[0-7 ]+$/.test(text)) refuse(`a header has no number as its ${field}`);
  return parseInt(text, 8);
}
