const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** A colour or weight of terminal text. */
export type TextStyle = keyof typeof CODES;

/** Puts text into a style, or leaves it as it is. */
export type Painter = (style: TextStyle, text: string) => string;

/** A painter that writes ANSI's select-graphic-rendition codes, or none. */
export function createPainter(color: boolean): Painter {
  if (!color) return (_, text) => text;
  return (style, text) => `\x1b[${CODES[style][0]}m${text}\x1b[${CODES[style][1]}m`;
}

/** Text on one line without control characters, so that no name can move the cursor or colour the screen. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- these are what a terminal obeys
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}

/** The first characters of a text, the last one "…" if some were left out. */
export function truncate(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  return width <= 0 ? "" : `${characters.slice(0, width - 1).join("")}…`;
}

/** How many columns a text takes, counting every character as one. */
export function textWidth(text: string): number {
  return [...text].length;
}

/** A length of time for people: `45 ms`, `0.4 s`, `34 s`, `2 min 05 s`, `1 h 02 min`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < 99.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number): string => String(value).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds % 3600 / 60))} min`;
}
