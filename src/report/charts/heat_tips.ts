import { escapeHtml } from "../html/markup.ts";
import type { ClustersReport } from "../model/clusters.ts";
import { formatDecimal } from "../text/format.ts";
import type { HeatPlace } from "./cluster_options.ts";

/** What a browser shows when a reader rests on a cell of the heat map: the two assets and their correlation. No script.
 * @returns SVG elements that see the pointer and are not seen */
export function heatTips({ assets, correlations }: ClustersReport, place: HeatPlace): string {
  const { left, top, width, height } = place;
  const cellWidth = width / assets.length, cellHeight = height / assets.length;
  const square = `h${round(cellWidth)}v${round(cellHeight)}h-${round(cellWidth)}z`;
  const rows = correlations.map((row, i) => {
    const cells = row.map((rho, j) =>
      `<path d="M${round(j * cellWidth)} 0${square}"><title>${
        escapeHtml(`${assets[i]} and ${assets[j]}: ${formatDecimal(rho, 2)}`)
      }</title></path>`
    );
    return `<g transform="translate(0 ${round(i * cellHeight)})">${cells.join("")}</g>`;
  });
  return `<g class="tips hit" transform="translate(${round(left)} ${top})">${rows.join("")}</g>`;
}

function round(px: number): number {
  return Math.round(px * 10) / 10;
}
