import { html, type Markup, trusted } from "./markup.ts";
import { reportStyles } from "./styles.ts";

/** Forbids the page everything but its own styles: a report opened from a mail can load and run nothing. */
const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** What a page of a report is made of. */
export interface PageParts {
  readonly title: string;
  /** How many charts of weights it has, of which the style sheet shows one. */
  readonly weightsCharts: number;
  readonly header: Markup;
  readonly main: Markup;
  readonly footer: Markup;
}

/** A page of a report as one file that needs nothing else: no network, no script. */
export function renderDocument(parts: PageParts): string {
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY}">
        <meta name="generator" content="Tradewind">
        <link rel="icon" href="data:,">
        <title>${parts.title}</title>
        <style>${trusted(reportStyles(parts.weightsCharts))}</style>
      </head>
      <body>
        <header>${parts.header}</header>
        <main>${parts.main}</main>
        <footer>
          <p>Made by Tradewind. ${parts.footer}</p>
        </footer>
      </body>
    </html>
  `;
  return `${page.markup.trim()}\n`;
}
