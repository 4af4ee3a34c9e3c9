import { type ComponentChild, h } from "preact";
import {
  type MarkdownForm,
  type MarkdownNode,
  markdownTree,
} from "../../../../../src/base/markdown_tree.ts";

/** Below the page's own headings, whose last level is three. */
const FORM: MarkdownForm = {
  headings: ["h4", "h5", "h6"],
  numberClass: "number",
  codeAttributes: { tabindex: "0" },
};

/** Text in Markdown. It becomes elements one by one and never HTML: see {@linkcode markdownTree}. */
export function Markdown({ text }: { readonly text: string }) {
  return <div class="markdown">{markdownTree(text, FORM).map(childOf)}</div>;
}

function childOf(node: MarkdownNode): ComponentChild {
  if (typeof node === "string") return node;
  return h(node.tag, node.attributes, ...node.children.map(childOf));
}
