import type { EChartsCoreOption } from "echarts";
import type { ChartFormat } from "./axes.ts";
import { stabiliseSvg } from "./stable_svg.ts";

/** One chart, drawn twice as SVG: with room for names at its lines' ends, and for a telephone's width. */
export interface Chart {
  /** 780 or 1080 pixels wide. */
  readonly wide: string;
  /** 400 pixels wide. */
  readonly narrow: string;
}

/** The library, which is loaded when the first chart is drawn. */
export type ECharts = typeof import("echarts");

/** The format of a chart across the page. */
export const WIDE: ChartFormat = {
  widthPx: 1080,
  heightPx: 380,
  pointsPerLine: 640,
  namesAtEnds: true,
};

const NARROW: ChartFormat = { widthPx: 400, heightPx: 300, pointsPerLine: 240, namesAtEnds: false };

/** What is drawn in a format. */
export interface Drawing {
  readonly option: EChartsCoreOption;
  /** SVG elements that are laid over the chart: what shows when a reader points at it. */
  readonly overlay?: string;
}

/** Draws a chart in both formats.
 * @param name unique on the page; letters, digits and hyphens
 * @param narrowHeightPx of the drawing for a telephone; by default the wide one's, at most 300 */
export function drawTwice(
  echarts: ECharts,
  name: string,
  wide: ChartFormat,
  drawing: (format: ChartFormat) => Drawing,
  narrowHeightPx = Math.min(NARROW.heightPx, wide.heightPx),
): Chart {
  const drawAs = (suffix: string, format: ChartFormat): string => {
    const { widthPx: width, heightPx: height } = format;
    const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
    try {
      const { option, overlay = "" } = drawing(format);
      chart.setOption(option);
      const svg = stabiliseSvg(chart.renderToSVGString(), `${name}-${suffix}`);
      return svg.replace(/<\/svg>$/, `${overlay}</svg>`);
    } finally {
      chart.dispose();
    }
  };
  return {
    wide: drawAs("wide", wide),
    narrow: drawAs("narrow", { ...NARROW, heightPx: narrowHeightPx }),
  };
}
