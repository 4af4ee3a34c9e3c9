import type { CustomSeriesRenderItemAPI, EChartsCoreOption } from "echarts";
import type { ClustersReport } from "../model/clusters.ts";
import { formatDecimal } from "../text/format.ts";
import type { ChartFormat } from "./axes.ts";
import { shorten } from "./line_options.ts";
import { areaColour, CHART_COLOURS, correlationColour, SERIES_COLOURS } from "./palette.ts";

/** Cells from this size on have room for their number. */
const NUMBER_FROM_PX = 27;
const TREE_SHARE = 0.16;

/** Where the heat map is in its drawing, in pixels. */
export interface HeatPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const TOP_PX = 8;
const EDGE_PX = 4;

/** Where the heat map of the correlations is, beside the tree and the names. */
export function heatPlace({ assets }: ClustersReport, format: ChartFormat): HeatPlace {
  const namesPx = Math.max(...assets.map((name) => shorten(name).length)) *
      fontSizePx(assets.length, format) * 0.62 + 14;
  const left = treeWidthPx(format) + namesPx;
  return {
    left,
    top: TOP_PX,
    width: format.widthPx - left - EDGE_PX,
    height: format.heightPx - TOP_PX - Math.round(namesPx),
  };
}

function fontSizePx(assets: number, format: ChartFormat): number {
  return format.namesAtEnds ? 12 : assets > 25 ? 8 : 10;
}

function treeWidthPx({ widthPx }: ChartFormat): number {
  return Math.round(widthPx * TREE_SHARE);
}

/** The tree of the assets, their names, and the heat map of their correlations in the same order. */
export function clustersOption(clusters: ClustersReport, format: ChartFormat): EChartsCoreOption {
  const { assets } = clusters;
  const fontPx = fontSizePx(assets.length, format);
  const { left, top, width, height } = heatPlace(clusters, format);
  const hasNumbers = width / assets.length >= NUMBER_FROM_PX;
  const category = {
    type: "category",
    data: assets.map(shorten),
    axisLine: { show: false },
    axisTick: { show: false },
  };
  const label = { fontSize: fontPx, interval: 0, color: CHART_COLOURS.ink };
  return {
    animation: false,
    textStyle: { fontSize: fontPx },
    grid: [
      { left: EDGE_PX, width: treeWidthPx(format), top, height },
      { left, width, top, height },
    ],
    xAxis: [
      { type: "value", min: 0, max: treeTop(clusters), inverse: true, show: false },
      { ...category, gridIndex: 1, axisLabel: { ...label, rotate: 90 } },
    ],
    yAxis: [
      { type: "value", min: -0.5, max: assets.length - 0.5, inverse: true, show: false },
      { ...category, gridIndex: 1, inverse: true, axisLabel: { ...label, margin: 6 } },
    ],
    series: [
      treeSeries(clusters),
      heatSeries(clusters, hasNumbers),
    ],
  };
}

function treeTop({ merges, cutHeight }: ClustersReport): number {
  return Math.max(cutHeight, ...merges.map(({ height }) => height)) * 1.02 || 1;
}

/** Each merge as a bracket from its two nodes; those within an asset cluster in its colour, the cut as a dashed line. */
function treeSeries(clusters: ClustersReport): Record<string, unknown> {
  const { assets, labels, merges, cutHeight } = clusters;
  const nodes = assets.map((_, k) => ({ at: k, height: 0, label: labels[k] ?? 0 }));
  const brackets = merges.map(({ left, right, height }) => {
    const [a, b] = [nodes[left], nodes[right]].map((node) => node ?? nodes[0]);
    nodes.push({ at: (a.at + b.at) / 2, height, label: a.label });
    const colour = height <= cutHeight && a.label === b.label
      ? areaColour(a.label % SERIES_COLOURS)
      : CHART_COLOURS.soft;
    return { a, b, height, colour };
  });
  const line = (api: CustomSeriesRenderItemAPI, points: number[][], style: object) => ({
    type: "polyline",
    shape: { points: points.map((point) => api.coord(point)) },
    style: { fill: "none", lineWidth: 1.4, ...style },
  });
  return {
    type: "custom",
    silent: true,
    data: [...brackets.keys(), brackets.length].map((k) => [0, 0, k]),
    renderItem: (_: unknown, api: CustomSeriesRenderItemAPI) => {
      const bracket = brackets[Number(api.value(2))];
      if (bracket === undefined) {
        const cut = [[cutHeight, -0.5], [cutHeight, assets.length - 0.5]];
        return line(api, cut, { stroke: CHART_COLOURS.axis, lineDash: [3, 3], lineWidth: 1 });
      }
      const { a, b, height, colour } = bracket;
      const points = [[a.height, a.at], [height, a.at], [height, b.at], [b.height, b.at]];
      return line(api, points, { stroke: colour });
    },
  };
}

/** One path for all cells of a colour, and a number in each where there is room: a path a cell makes pages heavy. */
function heatSeries(
  { assets, correlations }: ClustersReport,
  hasNumbers: boolean,
): Record<string, unknown> {
  const cells = correlations.flatMap((row, i) => row.map((rho, j) => ({ rho, i, j })));
  const byColour = Object.entries(Object.groupBy(cells, ({ rho }) => correlationColour(rho)));
  return {
    type: "custom",
    xAxisIndex: 1,
    yAxisIndex: 1,
    silent: true,
    data: byColour.map((_, k) => [0, 0, k]),
    renderItem: (_: unknown, api: CustomSeriesRenderItemAPI) => {
      const [colour = "", cells = []] = byColour[Number(api.value(2))] ?? [];
      const [width = 0, height = 0] = api.size?.([1, 1]) as number[] ?? [];
      // The first cell's middle; the others are whole cells away.
      const [x = 0, y = 0] = api.coord([assets[0] ?? "", assets[0] ?? ""]);
      const at = ({ i, j }: { readonly i: number; readonly j: number }) => [
        x + j * width,
        y + i * height,
      ];
      const path = cells.map((cell) => {
        const [left = 0, top = 0] = at(cell);
        return `M${(left - width / 2).toFixed(1)} ${(top - height / 2).toFixed(1)}h${
          (width - 1).toFixed(1)
        }v${(height - 1).toFixed(1)}h-${(width - 1).toFixed(1)}z`;
      });
      const squares = {
        type: "path",
        shape: { pathData: path.join("") },
        style: { fill: colour },
      };
      const numbers = hasNumbers ? cells.map((cell) => cellNumber(cell.rho, at(cell))) : [];
      return { type: "group", children: [squares, ...numbers] };
    },
  };
}

function cellNumber(rho: number, [x = 0, y = 0]: readonly number[]): Record<string, unknown> {
  return {
    type: "text",
    style: {
      text: formatDecimal(rho, 2).replace(/^(−?)0\./, "$1."),
      x: x - 0.5,
      y,
      align: "center",
      verticalAlign: "middle",
      fontSize: 11,
      // The darkest of the seven colours begins here.
      fill: Math.abs(rho) >= 5 / 6 ? CHART_COLOURS.paper : CHART_COLOURS.ink,
    },
  };
}
