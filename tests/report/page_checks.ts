import { assert, assertEquals } from "@std/assert";

const VOID_ELEMENTS = new Set(["meta", "link", "input", "br", "hr", "img"]);

/** Asserts that every element of a page is closed in its turn, and that no tag is cut open by a quote. */
export function assertBalanced(page: string): void {
  const open: string[] = [];
  const text = page.replace(/^<!doctype html>/, "").replaceAll(/<style>.*?<\/style>/gs, "");
  for (
    const [tag, slash, name = "", attributes = ""] of text.matchAll(/<(\/?)([^\s>/]*)([^>]*)>/g)
  ) {
    assert(/^[a-zA-Z][a-zA-Z0-9]*$/.test(name), `an element's name: ${tag.slice(0, 80)}`);
    if (slash === "/") assertEquals(open.pop(), name, `closed by ${tag}`);
    else {
      assert(
        /^(\s+[\w:-]+(="[^"<]*")?)*\s*\/?$/.test(attributes),
        `attributes: ${tag.slice(0, 200)}`,
      );
      if (!attributes.endsWith("/") && !VOID_ELEMENTS.has(name)) open.push(name);
    }
  }
  assertEquals(open, []);
}

/** The values of all `id` attributes. */
export function idsOf(page: string): readonly string[] {
  return [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id = ""]) => id);
}
