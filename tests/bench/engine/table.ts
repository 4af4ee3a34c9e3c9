import { ROWS } from "./rows.ts";
import type { Row } from "./rows.ts";
import type { Sample } from "./run_driver.ts";
import { median } from "./statistics.ts";

/** One engine's samples, one a run. */
export interface Column {
  readonly id: string;
  readonly samples: readonly Sample[];
}

/** A Markdown table: medians with (lowest to highest), and for each peer ours divided by theirs. A ratio is bold where
 * the peer is ahead. The first column is ours. */
export function table(columns: readonly Column[]): string {
  const [ours, ...peers] = columns;
  const header = ["", "unit", ours.id, ...peers.flatMap(({ id }) => [id, `ours / ${id}`])];
  const lines = [header, header.map((_, i) => i < 2 ? "---" : "---:")];
  for (const row of ROWS) {
    lines.push([
      row.label,
      `${row.unit} ${row.better === "higher" ? "↑" : "↓"}`.trim(),
      cell(ours, row),
      ...peers.flatMap((peer) => [cell(peer, row), ratio(ours, peer, row)]),
    ]);
  }
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function values({ samples }: Column, { id }: Row): number[] {
  return samples.flatMap((sample) => sample[id] ?? []);
}

function cell(column: Column, row: Row): string {
  const found = values(column, row);
  if (found.length === 0) return "not yet";
  const middle = round(median(found));
  if (found.length === 1) return middle;
  return `${middle} (${round(Math.min(...found))}–${round(Math.max(...found))})`;
}

function ratio(ours: Column, peer: Column, row: Row): string {
  const quotient = median(values(ours, row)) / median(values(peer, row));
  if (Number.isNaN(quotient)) return "";
  const peerIsAhead = row.better === "higher" ? quotient < 1 : quotient > 1;
  const text = `${round(quotient)}×`;
  return peerIsAhead ? `**${text}**` : text;
}

/** Three significant digits, and thousands apart. */
function round(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}
