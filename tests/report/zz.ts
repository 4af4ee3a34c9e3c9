import { renderCharts, renderHtml, renderJson, renderMarkdown } from "../../src/report/mod.ts";
import { makeReportModel } from "./fixture.ts";
import { findChromium, openPage } from "../browser/chromium.ts";
const m = makeReportModel();
const c = await renderCharts(m);
const t = performance.now();
const h = renderHtml(m, c);
console.log("html ms", performance.now() - t, h.length);
Deno.writeTextFileSync("/tmp/r.html", h);
Deno.writeTextFileSync("/tmp/r.md", renderMarkdown(m));
console.log("json", renderJson(m).length);
await using p = await openPage(findChromium()!);
for (const scheme of ["light", "dark"] as const) {
  for (const w of [1440, 390]) {
    await p.open("file:///tmp/r.html", { widthPx: w, heightPx: 900, scheme });
    console.log(
      w,
      await p.evaluate(
        "[document.documentElement.scrollWidth, innerWidth, document.documentElement.scrollHeight]",
      ),
    );
    const H = await p.evaluate<number>("document.documentElement.scrollHeight");
    const step = w === 390 ? 1700 : 1300;
    for (let y = 0, k = 0; y < H; y += step, k++) {
      const { data } = await p.send("Page.captureScreenshot", {
        captureBeyondViewport: true,
        clip: {
          x: w == 1440 ? 130 : 0,
          y,
          width: w == 1440 ? 1180 : 390,
          height: Math.min(step, H - y),
          scale: 1,
        },
      });
      Deno.writeFileSync(
        `/tmp/r_${w}_${scheme}_${k}.png`,
        Uint8Array.from(atob(String(data)), (c) => c.charCodeAt(0)),
      );
    }
  }
}
Deno.writeFileSync("/tmp/r.pdf", await p.print());
console.log(p.complaints);
