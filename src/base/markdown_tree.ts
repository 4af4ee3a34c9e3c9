import { lexer, type MarkedToken, type Token, type Tokens } from "marked";
import { isWebAddress } from "./web_address.ts";

/** A piece of a document: an element of HTML, or text. */
export type MarkdownNode = MarkdownElement | string;

/** An element of HTML with its attributes. */
export interface MarkdownElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly MarkdownNode[];
}

/** What differs between the pages that show Markdown. */
export interface MarkdownForm {
  /** The elements of headings by their level; the last one is that of all below, too. */
  readonly headings: readonly [string, ...string[]];
  /** The class of what stands to the right in tables. */
  readonly numberClass: string;
  /** Of blocks of code. */
  readonly codeAttributes: Readonly<Record<string, string>>;
}

/** PURE: a user's Markdown, as GitHub has it, as elements of a page. Tags in it are text, links lead to http(s) alone, and
 * images, which would ask other sites, are links. */
export function markdownTree(text: string, form: MarkdownForm): MarkdownNode[] {
  return new TreeBuilder(form).blocks(lexer(text));
}

/** PURE: a link to the web; what leads elsewhere is its text. */
export function webLink(url: string, children: readonly MarkdownNode[]): readonly MarkdownNode[] {
  if (!isWebAddress(url)) return children;
  return [element("a", children, { href: url, target: "_blank", rel: "noreferrer" })];
}

function element(
  tag: string,
  children: readonly MarkdownNode[],
  attributes: Readonly<Record<string, string>> = {},
): MarkdownElement {
  return { tag, attributes, children };
}

class TreeBuilder {
  readonly #form: MarkdownForm;

  constructor(form: MarkdownForm) {
    this.#form = form;
  }

  blocks(tokens: readonly Token[]): MarkdownNode[] {
    return tokens.flatMap((token) => this.#block(token as MarkedToken));
  }

  #block(token: MarkedToken): readonly MarkdownNode[] {
    switch (token.type) {
      case "heading": {
        const { headings } = this.#form;
        const tag = headings[Math.min(token.depth, headings.length) - 1];
        return [element(tag, this.#inlines(token.tokens))];
      }
      case "paragraph":
        return [element("p", this.#inlines(token.tokens))];
      case "text":
        return "tokens" in token && token.tokens ? this.#inlines(token.tokens) : [token.text];
      case "blockquote":
        return [element("blockquote", this.blocks(token.tokens))];
      case "list":
        return [this.#list(token)];
      case "code":
        return [element("pre", [token.text], this.#form.codeAttributes)];
      case "hr":
        return [element("hr", [])];
      case "table":
        return [this.#table(token)];
      case "space":
      case "def":
        return [];
      default:
        return [element("p", [token.raw])];
    }
  }

  #list({ ordered, start, items }: Tokens.List): MarkdownElement {
    const rows = items.map(({ task, checked, tokens }) =>
      element("li", [
        ...(task ? [checked ? "☑ " : "☐ "] : []),
        ...this.blocks(tokens.filter(({ type }) => type !== "checkbox")),
      ])
    );
    return ordered
      ? element("ol", rows, { start: String(start === "" ? 1 : start) })
      : element("ul", rows);
  }

  #table({ header, rows, align }: Tokens.Table): MarkdownElement {
    const kind = (column: number) => align[column] === "right" ? this.#form.numberClass : "";
    const titles = header.map(({ tokens }, i) =>
      element("th", this.#inlines(tokens), { scope: "col", class: kind(i) })
    );
    const lines = rows.map((row) =>
      element(
        "tr",
        row.map(({ tokens }, i) => element("td", this.#inlines(tokens), { class: kind(i) })),
      )
    );
    const table = element("table", [
      element("thead", [element("tr", titles)]),
      element("tbody", lines),
    ]);
    const attributes = { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" };
    return element("div", [table], attributes);
  }

  #inlines(tokens: readonly Token[]): MarkdownNode[] {
    return tokens.flatMap((token) => this.#inline(token as MarkedToken));
  }

  #inline(token: MarkedToken): readonly MarkdownNode[] {
    switch (token.type) {
      case "strong":
      case "em":
      case "del":
        return [element(token.type, this.#inlines(token.tokens))];
      case "codespan":
        return [element("code", [token.text])];
      case "br":
        return [element("br", [])];
      case "link":
        return webLink(token.href, this.#inlines(token.tokens));
      case "image":
        return webLink(token.href, [token.text || token.href]);
      case "text":
      case "escape":
        return [token.text];
      default:
        return [token.raw];
    }
  }
}
