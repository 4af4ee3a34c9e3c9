import { assert, assertEquals } from "@std/assert";
import { readSources } from "../structure/sources.ts";
import { ROOT } from "./code_blocks.ts";

/** Pieces of a message that are too short to tell anything. */
const MIN_PIECE = 4;

/** The messages of the page, each as its fixed pieces. */
async function quotedMessages(): Promise<string[][]> {
  const page = await Deno.readTextFile(`${ROOT}src/TROUBLESHOOTING.md`);
  return [...page.matchAll(/^### (`+) ?(.*?) ?\1/gm)].map(([, , message]) =>
    message.split("…").filter((piece) => piece.trim().length >= MIN_PIECE)
  );
}

/** Whether a text has all pieces, in their order. */
function hasInOrder(text: string, pieces: readonly string[]): boolean {
  let from = 0;
  for (const piece of pieces) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return true;
}

Deno.test("every message that the troubleshooting page quotes is in the source", async () => {
  const texts = readSources("cluster", "provision", "src").map(({ text }) => text);
  const messages = await quotedMessages();
  assert(messages.length >= 25, `${messages.length} messages were found`);
  const gone = messages.filter((pieces) => !texts.some((text) => hasInOrder(text, pieces)));
  assertEquals(gone, []);
});

Deno.test("every message that the troubleshooting page quotes has something fixed to look for", async () => {
  for (const pieces of await quotedMessages()) assert(pieces.length > 0);
});
