import { isWebAddress } from "../../../../../src/base/web_address.ts";
import type { RunArtifact } from "../../schemas/runs.ts";
import { formatBytes, formatCount, formatPercent } from "../format.ts";
import { DataTable } from "./data_table.tsx";
import { Markdown } from "./markdown.tsx";
import { Meter } from "./parts.tsx";

/** Something that a run left behind. */
export function Artifact({ artifact, files }: {
  readonly artifact: RunArtifact;
  /** Where its files are. */
  readonly files: string;
}) {
  const { key, title, task, kind, sizeBytes } = artifact;
  const address = `${files}/${encodeURIComponent(key)}`;
  return (
    <article class="artifact">
      <header>
        <h3>
          {kind === "file" || kind === "report"
            ? <a href={address} target="_blank" rel="noreferrer">{title}</a>
            : title}
        </h3>
        <span class="note">
          {[kind, task, sizeBytes === undefined ? "" : formatBytes(sizeBytes)].filter(Boolean)
            .join(" · ")}
        </span>
      </header>
      <Content artifact={artifact} address={address} />
    </article>
  );
}

function Content({ artifact, address }: {
  readonly artifact: RunArtifact;
  readonly address: string;
}) {
  const { kind, title, text = "", columns = [], rows = [], fraction = 0 } = artifact;
  switch (kind) {
    case "table":
      return (
        <TableContent
          title={title}
          columns={columns}
          rows={rows}
          rowCount={artifact.rowCount ?? rows.length}
        />
      );
    case "markdown":
      return <Markdown text={text} />;
    case "link":
      return isWebAddress(text)
        ? <a href={text} target="_blank" rel="noreferrer">{text}</a>
        : <code>{text}</code>;
    case "progress":
      return (
        <p class="measure">
          <Meter label={title} value={fraction} of={1} text={formatPercent(fraction)} />
          <span class="number">{formatPercent(fraction)}</span>
        </p>
      );
    case "image":
      return <img src={address} alt={title} />;
    case "file":
    case "report":
      return null;
  }
}

function TableContent({ title, columns, rows, rowCount }: {
  readonly title: string;
  readonly columns: readonly string[];
  /** The first ones. */
  readonly rows: readonly (readonly string[])[];
  readonly rowCount: number;
}) {
  return (
    <>
      <DataTable
        caption={title}
        columns={columns.map((column, i) => ({
          title: column,
          isNumber: rows.every((row) => isNumeric(row[i])),
          cell: ([, row]: readonly [number, readonly string[]]) => row[i],
        }))}
        rows={[...rows.entries()]}
        keyOf={([i]) => String(i)}
        empty="An empty table"
      />
      {rows.length < rowCount && (
        <p class="note">
          The first {formatCount(rows.length)} of {formatCount(rowCount)} rows
        </p>
      )}
    </>
  );
}

function isNumeric(cell: string | undefined): boolean {
  return cell !== undefined && cell.trim() !== "" &&
    Number.isFinite(Number(cell.replace(/[%,]/g, "")));
}
