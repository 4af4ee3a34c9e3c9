import { colourVariables } from "../charts/palette.ts";

/** The report's style sheet. Light or dark by the reader's setting, always light on paper.
 * @param tabs how many panels each group of tabs may have: CSS cannot count them itself */
export function reportStyles(tabs: number): string {
  return [
    `:root{color-scheme:light dark;${colourVariables("light")}${LIGHT}}`,
    `@media (prefers-color-scheme:dark){:root{${colourVariables("dark")}${DARK}}}`,
    PAGE,
    TABLES,
    FIGURES,
    tabRules(tabs),
    NARROW,
    `@media print{:root{color-scheme:light;${colourVariables("light")}${LIGHT}}${PRINT}}`,
  ].join("\n");
}

const LIGHT =
  "--line:#dfe4ea;--wash:#f4f6f8;--accent:#0b5cad;--warn-ink:#6b4a00;--warn-wash:#fff6df;" +
  "--warn-line:#e3b341;--gain:11,92,173;--loss:190,78,10;--cell-ink:#15191f;--pass:#0f6b50;--fail:#b3261e;";
const DARK =
  "--line:#2b333c;--wash:#1a2027;--accent:#7cbcf7;--warn-ink:#f3d68a;--warn-wash:#2b2412;" +
  "--warn-line:#8a6d1f;--gain:70,150,225;--loss:226,128,66;--cell-ink:#f2f4f7;--pass:#5ad1a8;--fail:#ff8f85;";

const PAGE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif;font-variant-numeric:lining-nums}
main,body>header,body>footer{max-width:1128px;margin:0 auto;padding:0 24px}
body>header{padding-top:44px}
body>footer{margin-top:64px;padding-bottom:48px;color:var(--soft);font-size:13px}
body>footer p{border-top:1px solid var(--line);padding-top:16px;margin:0}
h1{font-size:34px;line-height:1.15;letter-spacing:-.015em;font-weight:680;margin:0 0 8px;text-wrap:balance;overflow-wrap:anywhere}
h2{font-size:21px;line-height:1.25;letter-spacing:-.008em;font-weight:650;margin:56px 0 4px}
h3{font-size:15px;font-weight:650;margin:28px 0 6px}
p{margin:0 0 12px;max-width:90ch;text-wrap:pretty}
.lede{color:var(--soft);margin:0;max-width:none}
.note{color:var(--soft);font-size:14px;margin:0 0 14px}
.kicker{font-size:13px;font-weight:600;color:var(--accent);margin:0 0 6px}
.notices{list-style:none;margin:24px 0 0;padding:0}
.notices li{background:var(--warn-wash);color:var(--warn-ink);border:1px solid var(--warn-line);border-radius:6px;padding:10px 14px;margin:0 0 8px;font-weight:550}
.lead{margin:32px 0 0;border:1px solid var(--line);border-radius:10px;padding:18px 22px 20px}
.lead h2{font-size:16px;margin:0 0 14px;overflow-wrap:anywhere}
.lead h2 span{color:var(--soft);font-weight:450}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:16px 20px;margin:0}
.figures dt{font-size:13px;color:var(--soft)}
.figures dd{margin:2px 0 0;font-size:25px;line-height:1.15;font-weight:620;letter-spacing:-.01em;font-variant-numeric:tabular-nums lining-nums}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 24px;margin:12px 0 0;font-size:14px}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
code,.hash{font:13px/1.5 ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
details{margin:16px 0 0}
summary{cursor:pointer;font-weight:600;font-size:14px;padding:6px 0;color:var(--accent)}
summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
.hidden{position:absolute;width:1px;height:1px;margin:-1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap;border:0}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 48px}
.remarks{margin:8px 0 0;padding:0 0 0 18px;font-size:14px}
.artifact{break-inside:avoid}
.artifact img{max-width:100%}
.artifact .scroll+.note:empty{display:none}
.markdown{font-size:14px;overflow-wrap:anywhere}
.markdown h4{font-size:14px;margin:14px 0 4px}
.markdown ul,.markdown ol{padding-left:22px;margin:0 0 12px}
.markdown pre{background:var(--line);border-radius:6px;padding:8px 12px;overflow-x:auto;font-size:13px}
.markdown blockquote{border-left:3px solid var(--axis);margin:0 0 12px;padding-left:12px;color:var(--soft)}
.markdown hr{border:0;border-top:1px solid var(--line)}
.artifact a{color:var(--accent)}
.remarks li{margin:0 0 4px;overflow-wrap:anywhere}
`;

const TABLES = `
.scroll{position:relative;overflow-x:auto;margin:12px 0 0}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4}
th{font-weight:600;text-align:left}
td,th{padding:8px 10px;vertical-align:baseline}
td:first-child,th:first-child{padding-left:0}
td:last-child,th:last-child{padding-right:0}
thead th{color:var(--soft);font-size:13px;border-bottom:1.5px solid var(--axis);vertical-align:bottom}
tbody td,tbody th{border-bottom:1px solid var(--line)}
tbody th{white-space:nowrap}
.num{text-align:right;font-variant-numeric:tabular-nums lining-nums;white-space:nowrap}
thead .num{white-space:normal}
td.day{white-space:nowrap}
td.num+td:not(.num),th.num+th:not(.num){padding-left:32px}
.best{font-weight:680}
.star{color:var(--accent);font-size:.8em;margin-right:.3em}
.key{display:inline-block;width:26px;height:10px;margin-right:9px;vertical-align:middle}
.metrics th:first-child{position:sticky;left:0;background:var(--paper);padding-right:16px}
.heat{table-layout:fixed;min-width:760px;font-size:13px}
.heat th,.heat td{padding:7px 4px;text-align:right;border-bottom:2px solid var(--paper)}
.heat th:first-child{text-align:left;width:52px;padding-left:0;position:sticky;left:0;background:var(--paper)}
.heat thead th{border-bottom:0}
.heat td{font-variant-numeric:tabular-nums lining-nums;border-left:2px solid var(--paper);padding-right:8px;color:var(--cell-ink)}
.heat td[class^=g],.heat td[class^=l]{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.heat .total{font-weight:650;border-left:14px solid var(--paper)}
.heat .total:not(th){background:none}
.g0{background:rgba(var(--gain),.08)}.g1{background:rgba(var(--gain),.2)}.g2{background:rgba(var(--gain),.34)}.g3{background:rgba(var(--gain),.5)}
.l0{background:rgba(var(--loss),.08)}.l1{background:rgba(var(--loss),.2)}.l2{background:rgba(var(--loss),.34)}.l3{background:rgba(var(--loss),.5)}
.heat.correlations{width:auto;min-width:0}
.heat.correlations th:first-child{width:auto;padding-right:16px}
.heat.correlations td,.heat.correlations th{min-width:64px;overflow-wrap:anywhere}
.verdict{margin:0 0 16px;font-size:15px}
.v-passed,.v-passed strong{color:var(--pass)}.v-failed,.v-failed strong{color:var(--fail)}.v-open strong,.v-open,.v-unknown{color:var(--soft)}
.verdict{color:var(--ink)}
.limit{font-weight:450}
.attribution .value{display:inline-block;min-width:72px}
.bar{display:inline-block;width:90px;height:10px;vertical-align:middle;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.bar.gain rect{fill:var(--series-0)}.bar.loss rect{fill:var(--series-1)}
.heat.matrix{width:auto;min-width:0}.heat.matrix th:first-child{width:auto;padding-right:18px}.heat.matrix td,.heat.matrix thead th{min-width:92px}
.states{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0 0;padding:0;font-size:13px}
.states li:first-child{color:var(--soft);min-width:62px}
.swatch{display:inline-block;width:12px;height:12px;border-radius:2px;margin-right:8px;vertical-align:-1px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.heat .none{color:var(--soft)}
`;

const FIGURES = `
figure{margin:20px 0 0}
figcaption{margin:0 0 8px}
figcaption .note{margin:0}
figure h3{margin:0}
figure svg{display:block;width:100%;height:auto}
.narrow{display:none}
.legend{display:none;list-style:none;flex-wrap:wrap;gap:4px 18px;margin:10px 0 0;padding:0;font-size:13px}
.tabs{position:relative;border:0;margin:14px 0 0;padding:0;min-width:0;display:flex;flex-wrap:wrap;gap:8px}
.tabs legend{padding:0;margin:0 0 8px;font-size:13px;color:var(--soft)}
.tabs>label{border:1px solid var(--line);border-radius:6px;padding:5px 13px;font-size:14px;cursor:pointer;overflow-wrap:anywhere}
.tabs>input:checked+label{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent);color:var(--accent);font-weight:600}
.tabs>input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}
.panels{width:100%;min-width:0}
.panels>figure{display:none;margin-top:8px}
.weights{display:grid;grid-template-columns:minmax(0,780fr) minmax(0,300fr);gap:0 28px;align-items:center}
.weights figcaption{grid-column:1/-1}
.bands{font-size:13px}
.bands td,.bands th{padding:4px 8px}
.bands tbody th{font-weight:500;white-space:normal;overflow-wrap:anywhere}
.tips{display:none}
@media screen{.tips{display:inline}}
.tips text{font-size:12px;fill:var(--ink);text-anchor:end}
.tips .panel text,.tips .day{text-anchor:start}
.tips .day{font-weight:600}
.panel rect{fill:var(--paper);stroke:var(--line);fill-opacity:.94}
.hit{fill:transparent;stroke:none;pointer-events:all;cursor:crosshair}
.cursor{stroke:var(--soft);stroke-width:1}
.panel,.cursor,.tip text{visibility:hidden;pointer-events:none}
.half:hover .panel,.tip:hover .cursor,.tip:hover text{visibility:visible}
svg .panel,svg .tip{-webkit-user-select:none;user-select:none}
`;

const NARROW = `
@media screen and (max-width:760px){
main,body>header,body>footer{padding-left:16px;padding-right:16px}
body>header{padding-top:28px}
h1{font-size:27px}
h2{margin-top:44px}
.two{grid-template-columns:1fr}
.wide{display:none}
.narrow{display:block}
.legend{display:flex}
.lead{padding:14px 16px 16px}
.figures{grid-template-columns:repeat(2,1fr)}
.figures dd{font-size:22px}
.weights{grid-template-columns:minmax(0,1fr)}
.facts{grid-template-columns:1fr;gap:0}
.bar{display:none}
.facts dd{margin:0 0 8px}
}`;

const PRINT = `
@page{margin:14mm}
body{font-size:10.5pt;background:none}
main,body>header,body>footer{max-width:none;padding:0}
body>header{padding-top:0}
h1{font-size:20pt}h2{font-size:13pt;margin-top:22pt}
table{font-size:8.5pt}td,th{padding:3pt 5pt}
figure,tr,p,.lead,.notices li{break-inside:avoid}
h2,h3,.note,figcaption,caption{break-after:avoid}
.bands tbody th{white-space:nowrap}
.scroll{overflow:visible}
.heat{min-width:0;font-size:7.5pt}.heat td,.heat th{padding:3pt 2pt}
.metrics{font-size:7.5pt}.metrics td,.metrics th{padding:3pt 3pt}
.metrics th:first-child{position:static;padding-right:6pt}
.metrics .key{width:18px;margin-right:5px}
.gates{font-size:7pt}.limit{white-space:nowrap}
.bar{width:60px}td.num+td:not(.num),th.num+th:not(.num){padding-left:16pt}
.facts{font-size:8.5pt;gap:2pt 14pt}
.screen-only{display:none}
.wide{display:block}.narrow,.legend{display:none}
.tabs>input,.tabs>label,.tabs>legend{display:none}
.tabs .panels>figure{display:grid;margin-top:16pt}
details::details-content{content-visibility:visible;block-size:auto}
`;

function tabRules(count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `.tabs>input:nth-of-type(${i + 1}):checked~.panels>figure:nth-of-type(${i + 1})`,
  ).join(",") + "{display:grid}";
}
