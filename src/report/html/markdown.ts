import {
  type MarkdownForm,
  type MarkdownNode,
  markdownTree,
  webLink,
} from "../../base/markdown_tree.ts";
import { escapeHtml, html, type Markup, trusted } from "./markup.ts";

/** Below the report's own headings. */
const FORM: MarkdownForm = { headings: ["h4"], numberClass: "num", codeAttributes: {} };
/** Elements without an end. */
const VOID = new Set(["br", "hr"]);

/** A user's Markdown as elements of the page: see {@linkcode markdownTree}. */
export function markdown(text: string): Markup {
  return html`<div class="markdown">${markupOf(markdownTree(text, FORM))}</div>`;
}

/** A link to the web that shows its address; what leads elsewhere is text. */
export function link(url: string): Markup {
  return markupOf(webLink(url, [url]));
}

function markupOf(nodes: readonly MarkdownNode[]): Markup {
  return trusted(nodes.map(textOf).join(""));
}

/** Tags and names of attributes are ours, the rest is a user's. */
function textOf(node: MarkdownNode): string {
  if (typeof node === "string") return escapeHtml(node);
  const { tag, attributes, children } = node;
  const given = Object.entries(attributes).map(([name, value]) =>
    ` ${name}="${escapeHtml(value)}"`
  );
  const begin = `<${tag}${given.join("")}>`;
  return VOID.has(tag) ? begin : `${begin}${children.map(textOf).join("")}</${tag}>`;
}
