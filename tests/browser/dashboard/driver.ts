import axe from "axe-core";
import { assertEquals } from "@std/assert";
import type { BrowserPage, PageView } from "../chromium.ts";

/** How wide a desk is. */
export const DESKTOP: PageView = { widthPx: 1440, heightPx: 900, scheme: "light" };
/** How narrow a hand. */
export const TELEPHONE: PageView = { widthPx: 390, heightPx: 844, scheme: "dark" };

const PATIENCE_MS = 30_000;
const POLL_MS = 25;

/** A person before the dashboard: finds things by what they say, clicks and types. */
export class Driver {
  readonly page: BrowserPage;

  constructor(page: BrowserPage) {
    this.page = page;
  }

  /** Goes to a place of the page, for instance `#/runs`. */
  async go(hash: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  }

  /** Waits until an expression in the page is true.
   * @throws {Error} after 30 seconds, with what the page shows */
  async until(expression: string): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!await this.page.evaluate<boolean>(`Boolean(${expression})`)) {
      if (Date.now() > endMs) {
        const shown = await this.page.evaluate<string>("document.body.innerText.slice(0, 3000)");
        throw new Error(`Cannot wait any longer for ${expression}; the page shows:\n${shown}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Waits until the page says something. */
  async reads(text: string): Promise<void> {
    await this.until(`document.body.innerText.includes(${JSON.stringify(text)})`);
  }

  /** Clicks an element, once it is there and nothing covers it.
   * @param text what it says, or begins with */
  async click(selector: string, text = ""): Promise<void> {
    await this.until(`(() => {
      const element = [...document.querySelectorAll(${JSON.stringify(selector)})].find((element) =>
        element.innerText.trim().startsWith(${
      JSON.stringify(text)
    }) && element.getClientRects().length > 0);
      if (element === undefined) return false;
      element.scrollIntoView({ block: "center" });
      const box = element.getBoundingClientRect();
      const hit = document.elementFromPoint(box.x + Math.min(8, box.width / 2), box.y + box.height / 2);
      if (!element.contains(hit)) return false;
      element.click();
      return true;
    })()`);
  }

  /** Types into an element, in the place of what it holds. */
  async type(selector: string, text: string): Promise<void> {
    await this.until(`document.querySelector(${JSON.stringify(selector)})`);
    await this.page.evaluate(
      `(() => { const input = document.querySelector(${
        JSON.stringify(selector)
      }); input.focus(); input.select(); })()`,
    );
    await this.page.send("Input.insertText", { text });
  }

  /** Nothing that axe-core finds is serious, and nothing sticks out to the side. */
  async isSound(what: string): Promise<void> {
    const loaded = await this.page.evaluate<boolean>(`typeof axe === "object"`);
    if (!loaded) await this.page.evaluate(`${axe.source}; 0`);
    const violations = await this.page.evaluate<string[]>(
      `axe.run(document, { iframes: false }).then(({ violations }) => violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map((node) => node.html).join(" | ")))`,
    );
    assertEquals(violations, [], what);
    const [contentPx, windowPx] = await this.page.evaluate<number[]>(
      "[document.documentElement.scrollWidth, innerWidth]",
    );
    assertEquals(contentPx <= windowPx, true, `${what} is ${contentPx} px wide in ${windowPx} px`);
  }

  /** What the page complained of: all but hints, and streams that it ended itself. */
  complaints(): string[] {
    return this.page.complaints.filter((text) => {
      const { canceled, entry } = JSON.parse(text) as {
        canceled?: boolean;
        entry?: { level: string };
      };
      return canceled !== true && entry?.level !== "verbose";
    });
  }
}
