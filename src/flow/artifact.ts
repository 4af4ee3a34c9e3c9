import { Buffer } from "node:buffer";
import {
  type ArtifactContent,
  type Cell,
  type ImageType,
  requireShowable,
} from "./artifact_content.ts";
import { artifactCollection } from "./artifact_envelope.ts";
import { currentContext } from "./run_context.ts";

/** What an artifact is called above its content; default: its name. */
export interface ArtifactOptions {
  /** For people. */
  readonly title?: string;
}

/** What a task can leave behind for people. */
export interface Artifacts {
  /** Rows of a table: objects, whose keys are the columns in the order of their first mention. */
  table(
    name: string,
    rows: readonly Readonly<Record<string, Cell>>[],
    options?: ArtifactOptions,
  ): void;

  /** Text in Markdown. HTML inside is text, too. */
  markdown(name: string, text: string, options?: ArtifactOptions): void;

  /** A reference: an address of http(s), or a path. */
  link(name: string, url: string, options?: ArtifactOptions): void;

  /** How much is done, from 0 to 1. */
  progress(name: string, fraction: number, options?: ArtifactOptions): void;

  /** An image: the bytes of its file, or the text of an SVG. The title says what it shows. */
  image(
    name: string,
    file: Uint8Array | string,
    mediaType: ImageType,
    options?: ArtifactOptions,
  ): void;
}

/** Makes things for people to look at, beside what a task returns. In the function of a flow and in a local task they
 * are stored at once; in a task of the cluster with its result, but its progress is seen while it runs. One of the same name in the same task run takes the
 * place of the one before. Outside of a flow run nothing happens. What cannot be shown is refused, see
 * {@linkcode requireShowable}.
 *
 * ```ts ignore
 * artifact.table("weights", [{ symbol: "AAPL", weight: 0.25 }, { symbol: "MSFT", weight: 0.75 }]);
 * artifact.markdown("why", "The **second** window had no solution.");
 * artifact.progress("fit", done / total);
 * ```
 */
export const artifact: Artifacts = {
  table(
    name: string,
    rows: readonly Readonly<Record<string, Cell>>[],
    options?: ArtifactOptions,
  ): void {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    keep(name, {
      type: "table",
      title: options?.title ?? name,
      columns,
      rows: rows.map((row) => columns.map((column) => cellOf(row[column]))),
    });
  },

  markdown(name: string, text: string, options?: ArtifactOptions): void {
    keep(name, { type: "markdown", title: options?.title ?? name, text });
  },

  link(name: string, url: string, options?: ArtifactOptions): void {
    keep(name, { type: "link", title: options?.title ?? name, url });
  },

  progress(name: string, fraction: number, options?: ArtifactOptions): void {
    keep(name, { type: "progress", title: options?.title ?? name, fraction });
  },

  image(
    name: string,
    file: Uint8Array | string,
    mediaType: ImageType,
    options?: ArtifactOptions,
  ): void {
    const base64 = Buffer.from(file as string).toString("base64");
    keep(name, { type: "image", title: options?.title ?? name, mediaType, base64 });
  },
};

function keep(name: string, content: ArtifactContent): void {
  requireShowable(name, content);
  // Where artifacts are gathered, somebody else has the run.
  const collection = artifactCollection();
  if (collection !== undefined) return collection.keep(name, content);
  const context = currentContext();
  context?.flowRun.keepArtifact(context.task, name, content);
}

/** JSON has no NaN and no infinities: they are shown as text. */
function cellOf(cell: Cell | undefined): Cell {
  if (cell === undefined) return null;
  return typeof cell === "number" && !Number.isFinite(cell) ? String(cell) : cell;
}
