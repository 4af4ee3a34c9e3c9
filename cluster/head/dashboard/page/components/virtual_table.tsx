import { useEffect, useRef, useState } from "preact/hooks";
import { useLive } from "../context.ts";
import { classOf, type Column } from "./data_table.tsx";
import { Document, Empty } from "./parts.tsx";

const ROW_PX = 32;
const OVERSCAN = 12;
/** Rows that are asked for at once; a window moves by half of it. */
const WINDOW = 120;
/** Browsers draw nothing below some 33 million pixels. */
const MAX_ROWS = 1_000_000;

interface PageOf<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

/** A live table of any number of rows: the head tells those near the visible ones, and only the visible ones are drawn. */
export function VirtualTable<Row>({ caption, target, columns, keyOf, empty, emptyHint }: {
  readonly caption: string;
  /** A view that takes `offset` and `limit`, with its filters. */
  readonly target: string;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly empty: string;
  readonly emptyHint?: string;
}) {
  const [scrollTop, setScrollTop] = useState(0);
  const [heightPx, setHeightPx] = useState(600);
  const box = useRef<HTMLDivElement>(null);
  const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - OVERSCAN);
  const offset = Math.max(0, Math.floor(first / (WINDOW / 2)) * (WINDOW / 2));
  const join = target.includes("?") ? "&" : "?";
  const state = useLive<PageOf<Row>>(`${target}${join}offset=${offset}&limit=${WINDOW * 1.5}`);
  const last = useRef<
    { readonly offset: number; readonly page: PageOf<Row>; readonly target: string } | undefined
  >(undefined);
  if (state.type === "known") last.current = { offset, page: state.value, target };
  // While a further window is on its way, the last one stays.
  const known = last.current?.target === target ? last.current : undefined;
  const shown = state.type === "loading" && known !== undefined
    ? { type: "known" as const, value: known.page }
    : state;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeightPx(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [shown.type]);
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
  }, [target]);
  return (
    <Document state={shown}>
      {({ total, rows }) => {
        if (total === 0) return <Empty title={empty}>{emptyHint}</Empty>;
        const start = known?.offset ?? offset;
        const until = Math.min(total, first + Math.ceil(heightPx / ROW_PX) + 2 * OVERSCAN);
        const visible = Array.from({ length: Math.max(0, until - first) }, (_, i) => first + i);
        return (
          <div
            class="virtual"
            ref={box}
            role="table"
            aria-label={caption}
            aria-rowcount={total + 1}
            tabIndex={0}
            onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
            onKeyDown={moveFocus}
          >
            <div role="rowgroup" class="head">
              <div role="row" aria-rowindex={1} style={gridOf(columns)}>
                {columns.map((column) => (
                  <span role="columnheader" class={classOf(column)} key={column.title}>
                    {column.title}
                  </span>
                ))}
              </div>
            </div>
            <div
              role="rowgroup"
              class="body"
              style={{ height: `${Math.min(total, MAX_ROWS) * ROW_PX}px` }}
            >
              {visible.map((index) => {
                const row = rows[index - start];
                return row !== undefined && (
                  <div
                    role="row"
                    class="row"
                    aria-rowindex={index + 2}
                    key={keyOf(row)}
                    style={{ ...gridOf(columns), top: `${index * ROW_PX}px` }}
                  >
                    {columns.map((column) => (
                      <span role="cell" class={classOf(column)} key={column.title}>
                        {column.cell(row)}
                      </span>
                    ))}
                  </div>
                );
              })}
            </div>
          </div>
        );
      }}
    </Document>
  );
}

function gridOf<Row>(columns: readonly Column<Row>[]): Record<string, string> {
  const widths = (list: readonly Column<Row>[]) =>
    list.map(({ width }) => width ?? "minmax(0, 1fr)").join(" ");
  return {
    "--columns": widths(columns),
    "--narrow-columns": widths(columns.filter(({ isWide }) => !isWide)),
  };
}

/** Arrow keys go from the link of a row to that of the next. */
function moveFocus(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const row = (event.target as Element).closest(".row");
  const next = event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
  const link = next?.querySelector<HTMLElement>("a");
  if (!link) return;
  event.preventDefault();
  link.focus();
}
