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

/** From calm to breakdown; told apart by lightness, too. */
const STATES: readonly Colour[] = [
  { variable: "state-0", light: "#b9cfe4", dark: "#2f4a66" },
  { variable: "state-1", light: "#7fa8cf", dark: "#4d7eae" },
  { variable: "state-2", light: "#e2a43a", dark: "#c98a20" },
  { variable: "state-3", light: "#c13a2b", dark: "#e0574a" },
];

/** From −1 to 1, the middle as light as the paper. */
const DIVERGING: readonly Colour[] = [
  { variable: "div-0", light: "#b3541e", dark: "#e08a4e" },
  { variable: "div-1", light: "#dd8f5c", dark: "#a35a28" },
  { variable: "div-2", light: "#f2cfb4", dark: "#54331d" },
  { variable: "div-3", light: "#f2f4f6", dark: "#1e252d" },
  { variable: "div-4", light: "#cfe0f0", dark: "#1f3a55" },
  { variable: "div-5", light: "#8fb8de", dark: "#2d5f91" },
  { variable: "div-6", light: "#4586c4", dark: "#4a8fd0" },
];

const ALL: readonly Colour[] = [
  ...SERIES,
  INK,
  SOFT,
  GRID,
  AXIS,
  OTHER,
  PAPER,
  ...STATES,
  ...DIVERGING,
];

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

/** The colour of a state of the market, 0 the calmest to 3. */
export function stateColour(state: number): string {
  return STATES[state]?.light ?? OTHER.light;
}

/** The colour of a correlation, −1 to 1. */
export function correlationColour(correlation: number): string {
  const step = Math.round((correlation + 1) / 2 * (DIVERGING.length - 1));
  return DIVERGING[step]?.light ?? PAPER.light;
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
