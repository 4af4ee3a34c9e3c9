import { lexer, type MarkedToken, type Token, type Tokens } from "marked";
import { isWebAddress } from "../../base/web_address.ts";
import { html, type Markup } from "./markup.ts";

/** A user's Markdown as elements of the page. Tags in it are text, links lead to http(s) alone, and images, which would
 * ask other sites, are links. */
export function markdown(text: string): Markup {
  return html`<div class="markdown">${blocksOf(lexer(text))}</div>`;
}

function blocksOf(tokens: readonly Token[]): readonly Markup[] {
  return tokens.map((token) => blockOf(token as MarkedToken));
}

function blockOf(token: MarkedToken): Markup {
  switch (token.type) {
    case "heading":
      return html`<h4>${inlinesOf(token.tokens)}</h4>`;
    case "paragraph":
      return html`<p>${inlinesOf(token.tokens)}</p>`;
    case "text":
      return "tokens" in token && token.tokens
        ? html`${inlinesOf(token.tokens)}`
        : html`${token.text}`;
    case "blockquote":
      return html`<blockquote>${blocksOf(token.tokens)}</blockquote>`;
    case "list":
      return listOf(token);
    case "code":
      return html`<pre>${token.text}</pre>`;
    case "hr":
      return html`<hr>`;
    case "table":
      return tableOf(token);
    case "space":
    case "def":
      return html``;
    default:
      return html`<p>${token.raw}</p>`;
  }
}

function listOf({ ordered, start, items }: Tokens.List): Markup {
  const rows = items.map(({ task, checked, tokens }) =>
    html`<li>${task ? (checked ? "☑ " : "☐ ") : ""}${
      blocksOf(tokens.filter(({ type }) => type !== "checkbox"))
    }</li>`
  );
  return ordered
    ? html`<ol start="${start === "" ? 1 : start}">${rows}</ol>`
    : html`<ul>${rows}</ul>`;
}

function tableOf({ header, rows, align }: Tokens.Table): Markup {
  const kind = (column: number) => align[column] === "right" ? "num" : "";
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Table">
      <table>
        <thead>
          <tr>${header.map(({ tokens }, i) =>
            html`<th scope="col" class="${kind(i)}">${inlinesOf(tokens)}</th>`
          )}</tr>
        </thead>
        <tbody>${rows.map((row) =>
          html`<tr>${
            row.map(({ tokens }, i) => html`<td class="${kind(i)}">${inlinesOf(tokens)}</td>`)
          }</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}

function inlinesOf(tokens: readonly Token[]): readonly Markup[] {
  return tokens.map((token) => inlineOf(token as MarkedToken));
}

function inlineOf(token: MarkedToken): Markup {
  switch (token.type) {
    case "strong":
      return html`<strong>${inlinesOf(token.tokens)}</strong>`;
    case "em":
      return html`<em>${inlinesOf(token.tokens)}</em>`;
    case "del":
      return html`<del>${inlinesOf(token.tokens)}</del>`;
    case "codespan":
      return html`<code>${token.text}</code>`;
    case "br":
      return html`<br>`;
    case "link":
      return link(token.href, html`${inlinesOf(token.tokens)}`);
    case "image":
      return link(token.href, html`${token.text || token.href}`);
    case "text":
    case "escape":
      return html`${token.text}`;
    default:
      return html`${token.raw}`;
  }
}

/** A link to the web; what leads elsewhere is its text. */
export function link(url: string, text: Markup): Markup {
  return isWebAddress(url)
    ? html`<a href="${url}" target="_blank" rel="noreferrer">${text}</a>`
    : text;
}
