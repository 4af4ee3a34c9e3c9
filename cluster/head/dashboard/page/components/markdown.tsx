import { lexer, type MarkedToken, type Token, type Tokens } from "marked";
import type { ComponentChildren } from "preact";
import { isWebAddress } from "../../../../../src/base/web_address.ts";

/** Text in Markdown, as GitHub has it. It becomes elements one by one and never HTML: tags in the text are shown as text,
 * links lead to http(s) alone, and images, which would ask other sites, are links. */
export function Markdown({ text }: { readonly text: string }) {
  return <div class="markdown">{blocksOf(lexer(text))}</div>;
}

function blocksOf(tokens: readonly Token[]): ComponentChildren {
  return tokens.map((token) => blockOf(token as MarkedToken));
}

function blockOf(token: MarkedToken): ComponentChildren {
  switch (token.type) {
    case "heading":
      return <Heading depth={token.depth}>{inlinesOf(token.tokens)}</Heading>;
    case "paragraph":
      return <p>{inlinesOf(token.tokens)}</p>;
    case "text":
      return "tokens" in token && token.tokens ? inlinesOf(token.tokens) : token.text;
    case "blockquote":
      return <blockquote>{blocksOf(token.tokens)}</blockquote>;
    case "list":
      return <List list={token} />;
    case "code":
      return <pre tabIndex={0}>{token.text}</pre>;
    case "hr":
      return <hr />;
    case "table":
      return <Table table={token} />;
    case "space":
    case "def":
      return null;
    default:
      return <p>{token.raw}</p>;
  }
}

/** Below the page's own headings, whose last level is three. */
function Heading({ depth, children }: {
  readonly depth: number;
  readonly children: ComponentChildren;
}) {
  const Tag = (["h4", "h5", "h6"] as const)[Math.min(depth, 3) - 1];
  return <Tag>{children}</Tag>;
}

function List({ list: { ordered, start, items } }: { readonly list: Tokens.List }) {
  const rows = items.map(({ task, checked, tokens }) => (
    <li>
      {task && (checked ? "☑ " : "☐ ")}
      {blocksOf(tokens.filter(({ type }) => type !== "checkbox"))}
    </li>
  ));
  return ordered ? <ol start={start === "" ? 1 : start}>{rows}</ol> : <ul>{rows}</ul>;
}

function Table({ table: { header, rows, align } }: { readonly table: Tokens.Table }) {
  const classOf = (column: number) => align[column] === "right" ? "number" : "";
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            {header.map(({ tokens }, i) => (
              <th scope="col" key={i} class={classOf(i)}>{inlinesOf(tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map(({ tokens }, i) => <td key={i} class={classOf(i)}>{inlinesOf(tokens)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inlinesOf(tokens: readonly Token[]): ComponentChildren {
  return tokens.map((token) => inlineOf(token as MarkedToken));
}

function inlineOf(token: MarkedToken): ComponentChildren {
  switch (token.type) {
    case "strong":
      return <strong>{inlinesOf(token.tokens)}</strong>;
    case "em":
      return <em>{inlinesOf(token.tokens)}</em>;
    case "del":
      return <del>{inlinesOf(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link href={token.href}>{inlinesOf(token.tokens)}</Link>;
    case "image":
      return <Link href={token.href}>{token.text || token.href}</Link>;
    case "text":
    case "escape":
      return token.text;
    default:
      return token.raw;
  }
}

function Link({ href, children }: {
  readonly href: string;
  readonly children: ComponentChildren;
}) {
  if (!isWebAddress(href)) return <>{children}</>;
  return <a href={href} target="_blank" rel="noreferrer">{children}</a>;
}
