import { createPainter, printable, type TextStyle } from "../progress/terminal_text.ts";

/** What was looked at, and what was found. */
export interface Finding {
  /** What it is about, in a word or two. */
  readonly check: string;
  /** `note`: something that some need and that is not there · `warning`: it works, but badly · `error`: it does not. */
  readonly level: "ok" | "note" | "warning" | "error";
  readonly found: string;
  /** What to do; undefined when there is nothing to do. */
  readonly mend: string | undefined;
}

const STYLES: Readonly<Record<Finding["level"], TextStyle>> = {
  ok: "green",
  note: "dim",
  warning: "yellow",
  error: "red",
};

/** A finding that is as it should be. */
export function ok(check: string, found: string): Finding {
  return { check, level: "ok", found, mend: undefined };
}

/** A finding that somebody should mend. */
export function ill(
  check: string,
  level: Exclude<Finding["level"], "ok">,
  found: string,
  mend: string,
): Finding {
  return { check, level, found, mend };
}

/** Findings as lines for people, below a heading.
 * @param useColor whether levels have colours */
export function findingsText(
  heading: string,
  findings: readonly Finding[],
  useColor: boolean,
): string {
  const paint = createPainter(useColor);
  const width = Math.max(...findings.map(({ check }) => check.length));
  return [
    paint("bold", heading),
    ...findings.flatMap(({ check, level, found, mend }) => [
      `  ${paint(STYLES[level], level.padEnd(8))} ${check.padEnd(width)}  ${printable(found)}`,
      ...(mend === undefined ? [] : [`  ${" ".repeat(9 + width)}  → ${printable(mend)}`]),
    ]),
    "",
  ].join("\n");
}

/** The last line: how many there are of what is not well. */
export function summaryText(findings: readonly Finding[]): string {
  const count = (level: Finding["level"]) => findings.filter((each) => each.level === level).length;
  const errors = count("error"), warnings = count("warning");
  if (errors + warnings === 0) return "All is well.\n";
  return `${errors} ${errors === 1 ? "error" : "errors"}, ${warnings} ${
    warnings === 1 ? "warning" : "warnings"
  }.\n`;
}
