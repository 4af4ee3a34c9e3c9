const SEPARATOR = /[\s,]+/;

/** The same polygon or polyline in fewer bytes: coordinates rounded to a tenth of a pixel, steps relative to the point
 * before, `h` and `v` where one of them is 0. Rounding does not add up, since each step ends on its rounded point. Paths
 * with curves only have their numbers rounded.
 * @param d the data of an SVG path */
export function compactPath(d: string): string {
  if (!/^[MLZ\d\s.,e-]*$/.test(d)) return roundNumbers(d);
  let text = "", x = 0, y = 0, startX = 0, startY = 0;
  for (const [, command, arguments_ = ""] of d.matchAll(/([MLZ])([^MLZ]*)/g)) {
    if (command === "Z") {
      text += "z";
      [x, y] = [startX, startY];
      continue;
    }
    const tenths = arguments_.trim().split(SEPARATOR).map((number) =>
      Math.round(Number(number) * 10)
    );
    // Numbers that are parted by a sign alone: nothing that is worth the time to tell apart.
    if (tenths.some(Number.isNaN)) return roundNumbers(d);
    for (let at = 0; at + 1 < tenths.length; at += 2) {
      const toX = tenths[at], toY = tenths[at + 1];
      if (command === "M" && at === 0) {
        text += `M${written(toX)}${separated(toY)}`;
        [startX, startY] = [toX, toY];
      } else text += step(toX - x, toY - y);
      [x, y] = [toX, toY];
    }
  }
  return text;
}

/** Text with its numbers rounded to a tenth. */
export function roundNumbers(text: string): string {
  return text.replaceAll(
    /-?\d+\.\d{2,}/g,
    (number) => String(Math.round(Number(number) * 10) / 10),
  );
}

function step(dx: number, dy: number): string {
  if (dy === 0) return dx === 0 ? "" : `h${written(dx)}`;
  return dx === 0 ? `v${written(dy)}` : `l${written(dx)}${separated(dy)}`;
}

function written(tenths: number): string {
  const size = Math.abs(tenths), digit = size % 10, whole = (size - digit) / 10;
  const text = digit === 0 ? String(whole) : `${whole === 0 ? "" : whole}.${digit}`;
  return tenths < 0 ? `-${text}` : text;
}

/** A minus parts two numbers by itself. */
function separated(tenths: number): string {
  return tenths < 0 ? written(tenths) : ` ${written(tenths)}`;
}
