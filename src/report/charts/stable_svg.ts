import { compactPath, roundNumbers } from "./compact_path.ts";
import { colourReference } from "./palette.ts";

/** Makes an SVG of echarts the same on every run and safe beside others on one page: its ids are renumbered behind
 * `prefix`, its hover rules dropped, its texts set in the system's font, its coordinates rounded to a tenth of a
 * pixel and its colours turned into the page's custom properties.
 * @param prefix unique on the page; letters, digits and hyphens */
export function stabiliseSvg(svg: string, prefix: string): string {
  const numbers = new Map<string, number>();
  return svg
    .replaceAll(/<style\b.*?<\/style>/gs, "")
    .replaceAll(/ class="zr\d+-cls-\d+"/g, "")
    .replaceAll(
      / (?:xmlns:xlink|baseProfile|version|pointer-events|stroke-miterlimit)="[^"]*"/g,
      "",
    )
    .replaceAll(/\bzr\d+-[a-z]+\d+\b/g, (id) => {
      const number = numbers.get(id) ?? numbers.size;
      numbers.set(id, number);
      return `${prefix}-${number}`;
    })
    .replaceAll(/ style="font[^"]*?(\d+)px[^"]*"/g, ' font-size="$1"')
    .replace("<svg ", '<svg font-family="system-ui,sans-serif" ')
    .replaceAll(
      / (d|transform)="([^"]*)"/g,
      (_, name, value) => ` ${name}="${name === "d" ? compactPath(value) : roundNumbers(value)}"`,
    )
    .replaceAll(/ (fill|stroke)="(#[0-9a-f]{6})"/g, (_, name, colour) => {
      return ` ${name}="${colourReference(colour)}"`;
    })
    .replaceAll(/<(path|rect)([^>]*)><\/\1>/g, "<$1$2/>")
    .replaceAll(/\n+/g, "\n")
    .trim();
}
