import type { ComponentChildren } from "preact";
import { Empty } from "./parts.tsx";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** A number: right-aligned. */
  readonly isNumber?: boolean;
  /** Left out on narrow screens. */
  readonly isWide?: boolean;
  /** Its share of the width where rows are virtual. */
  readonly width?: string;
  readonly cell: (row: Row) => ComponentChildren;
}

/** A table of few rows; of many see {@linkcode VirtualTable}. */
export function DataTable<Row>({ caption, columns, rows, keyOf, empty }: {
  /** For those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly empty: string;
}) {
  if (rows.length === 0) return <Empty title={empty} />;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" class={classOf(column)} key={column.title}>{column.title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td class={classOf(column)} key={column.title}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The classes of a column's cells. */
export function classOf<Row>({ isNumber, isWide }: Column<Row>): string {
  return `${isNumber ? "number" : ""}${isWide ? " wide" : ""}`;
}
