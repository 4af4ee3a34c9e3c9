/** A colour of the charts: drawn in `light`, which is also its key in the SVG, and shown in `dark` on a dark page. */
interface Colour {
  /** The CSS custom property that carries it, without the leading dashes. */
  readonly variable: string;
  readonly light: string;
  readonly dark: string;
}

/** Eight colours that differ in lightness as well as in hue, each at 4.5:1 or more against its page's paper.
 * Hues after Okabe and Ito (2008), "Color Universal Design"; darkened and lightened for the contrast. */
const SERIES: readonly Colour[] = [
  { variable: "series-0", light: "#0b5cad", dark: "#6fb3f2" },
  { variable: "series-1", light: "#c2500a", dark: "#f2955a" },
  { variable: "series-2", light: "#12806a", dark: "#4cc9a6" },
  { variable: "series-3", light: "#8b3fa0", dark: "#cf9be6" },
  { variable: "series-4", light: "#876500", dark: "#e3bd4a" },
  { variable: "series-5", light: "#c2246b", dark: "#f584b4" },
  { variable: "series-6", light: "#2f3b4a", dark: "#d5dde7" },
  { variable: "series-7", light: "#7d5038", dark: "#c29a7f" },
];

const INK: Colour = { variable: "ink", light: "#15191f", dark: "#e8ebef" };
const SOFT: Colour = { variable: "soft", light: "#52606d", dark: "#a5afba" };
const GRID: Colour = { variable: "grid", light: "#e4e8ed", dark: "#272e36" };
const AXIS: Colour = { variable: "axis", light: "#98a3ae", dark: "#56616c" };
const OTHER: Colour = { variable: "other", light: "#8a95a2", dark: "#77828e" };
const PAPER: Colour = { variable: "paper", light: "#fefefe", dark: "#12161b" };

const ALL: readonly Colour[] = [...SERIES, INK, SOFT, GRID, AXIS, OTHER, PAPER];

/** How many series have a colour of their own. */
export const SERIES_COLOURS = SERIES.length;

/** The colours that charts are drawn in, by their part. */
export const CHART_COLOURS = {
  ink: INK.light,
  soft: SOFT.light,
  grid: GRID.light,
  axis: AXIS.light,
  other: OTHER.light,
  paper: PAPER.light,
} as const;

/** How a line is drawn: no two of the first eight share their colour or their dashes. */
export interface LineStyle {
  readonly colour: string;
  /** Lengths of dash and gap in pixels; empty for an unbroken line. */
  readonly dashes: readonly number[];
  readonly widthPx: number;
}

const DASHES: readonly (readonly number[])[] = [
  [],
  [10, 3],
  [3, 2],
  [12, 3, 3, 3],
  [6, 2],
  [18, 3],
  [8, 2, 2, 2, 2, 2],
  [2, 2],
];

/** The style of the candidate at a rank: 0 is the lead, drawn widest; those past the palette are thin and grey. */
export function candidateLineStyle(rank: number): LineStyle {
  const colour = SERIES[rank]?.light;
  if (colour === undefined) return { colour: OTHER.light, dashes: [], widthPx: 0.8 };
  return { colour, dashes: DASHES[rank] ?? [], widthPx: rank === 0 ? 2.4 : 1.5 };
}

/** The style of the benchmark's line. */
export const BENCHMARK_LINE_STYLE: LineStyle = {
  colour: SOFT.light,
  dashes: [3, 3],
  widthPx: 1.3,
};

/** The colour of the area of a symbol; grey past the palette. */
export function areaColour(slot: number): string {
  return SERIES[slot]?.light ?? OTHER.light;
}

/** The custom properties of one colour scheme, as CSS declarations. */
export function colourVariables(scheme: "light" | "dark"): string {
  return ALL.map((colour) => `--${colour.variable}:${colour[scheme]};`).join("");
}

/** A colour of a chart as CSS: its custom property, with the light colour where the property is not set. */
export function colourReference(colour: string): string {
  const known = ALL.find(({ light }) => light === colour);
  return known === undefined ? colour : `var(--${known.variable},${known.light})`;
}
