/** What a cell of a table may be. */
export type Cell = string | number | boolean | null;

/** Something for people to look at, as plain data that JSON can hold. */
export type ArtifactContent =
  | {
    readonly type: "table";
    readonly title: string;
    readonly columns: readonly string[];
    /** Of as many cells as there are columns. */
    readonly rows: readonly (readonly Cell[])[];
  }
  | { readonly type: "markdown"; readonly title: string; readonly text: string }
  | { readonly type: "link"; readonly title: string; readonly url: string }
  | {
    readonly type: "progress";
    readonly title: string;
    /** From 0 to 1. */
    readonly fraction: number;
  }
  | {
    readonly type: "image";
    /** Also what is read out to whom cannot see it. */
    readonly title: string;
    readonly mediaType: ImageType;
    /** The file's bytes. */
    readonly base64: string;
  };

/** The kinds of images that every browser shows. */
export type ImageType = "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/svg+xml";

/** The most that one artifact may hold, as JSON. */
const MAX_ARTIFACT_BYTES = 4 * 2 ** 20;

const LINK = /^(https?:\/\/|(?![a-z][a-z0-9+.-]*:)[^\s])/i;

/** Returns silently when an artifact can be kept and shown.
 * @throws {TypeError} for a name that is empty or over 200 characters, for a link that is neither http(s) nor a path, and
 * for a table whose rows have not as many cells as there are columns
 * @throws {RangeError} for a fraction outside 0 to 1, and for more than 4 MiB */
export function requireShowable(name: string, content: ArtifactContent): void {
  if (name.length === 0 || name.length > 200) {
    throw new TypeError(
      `Cannot keep an artifact: its name has ${name.length} characters, 1 to 200 are allowed`,
    );
  }
  if (content.type === "link" && !LINK.test(content.url)) {
    throw new TypeError(
      `Cannot keep the link ${name}: ${JSON.stringify(content.url)} is neither http(s) nor a path`,
    );
  }
  if (content.type === "progress" && !(content.fraction >= 0 && content.fraction <= 1)) {
    throw new RangeError(
      `Cannot keep the progress ${name}: the fraction has to be from 0 to 1, it is ${content.fraction}`,
    );
  }
  if (content.type === "table") requireRectangular(name, content);
  const sizeBytes = JSON.stringify(content).length;
  if (sizeBytes > MAX_ARTIFACT_BYTES) {
    throw new RangeError(
      `Cannot keep the artifact ${name}: it has ${sizeBytes} bytes, ${MAX_ARTIFACT_BYTES} are allowed; ` +
        "write a file, and keep a link to it",
    );
  }
}

function requireRectangular(
  name: string,
  { columns, rows }: ArtifactContent & { type: "table" },
): void {
  const odd = rows.findIndex((row) => row.length !== columns.length);
  if (odd < 0) return;
  throw new TypeError(
    `Cannot keep the table ${name}: row ${odd} has ${
      rows[odd]!.length
    } cells, there are ${columns.length} columns`,
  );
}
