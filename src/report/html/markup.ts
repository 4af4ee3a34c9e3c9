/** A piece of HTML that is safe to put into a page: only {@linkcode html} and {@linkcode trusted} make one. */
export interface Markup {
  readonly markup: string;
}

/** What {@linkcode html} takes between its texts. */
export type MarkupValue = Markup | string | number | readonly Markup[];

/** A template tag that escapes every value but {@linkcode Markup}, so that no caller can forget to. */
export function html(texts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let markup = texts[0] ?? "";
  values.forEach((value, i) => markup += toMarkup(value) + (texts[i + 1] ?? ""));
  return { markup };
}

/** Takes text as HTML that is safe already: charts, style sheets. Never text of a user. */
export function trusted(markup: string): Markup {
  return { markup };
}

/** Text with the characters of HTML's and XML's syntax as references, fit for content and quoted attributes.
 * Control characters, which no document may hold, become U+FFFD. */
export function escapeHtml(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- these are the characters that XML 1.0 refuses
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function toMarkup(value: MarkupValue): string {
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return escapeHtml(String(value));
  if ("markup" in value) return value.markup;
  return value.map((item) => item.markup).join("");
}
