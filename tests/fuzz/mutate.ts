import type { Rng } from "../../src/base/rng.ts";

const MAX_CHANGES = 4;
const MAX_BYTES = 1 << 16;
/** Numbers at which lengths and offsets break. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];
/** What parsers of text stumble over. */
const WORDS = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "\n",
  "\r\n",
  "\0",
  "../",
  "__proto__",
  "constructor",
  "null",
  "-1",
  "1e999",
  "NaN",
  "\ud800",
  "é",
  "[".repeat(500),
  "9".repeat(400),
].map((word) => new TextEncoder().encode(word));

/** A few seeded changes of some bytes: bits flipped, a piece left out, doubled or taken from elsewhere, the end cut off,
 * numbers at their edges, words that parsers stumble over.
 * @param others from which pieces are taken, not empty */
export function mutate(bytes: Uint8Array, others: readonly Uint8Array[], rng: Rng): Uint8Array {
  let mutant = bytes;
  for (let i = rng.below(MAX_CHANGES); i >= 0; i--) mutant = change(mutant, others, rng);
  return mutant.slice(0, MAX_BYTES);
}

function change(bytes: Uint8Array, others: readonly Uint8Array[], rng: Rng): Uint8Array {
  const at = rng.below(bytes.length + 1);
  const length = 1 + rng.below(32);
  switch (rng.below(7)) {
    case 0: {
      const flipped = bytes.slice();
      if (at < flipped.length) flipped[at] ^= 1 << rng.below(8);
      return flipped;
    }
    case 1:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 2:
      return joined(bytes.subarray(0, Math.min(bytes.length, at + length)), bytes.subarray(at));
    case 3:
      return bytes.slice(0, at);
    case 4: {
      const edge = new Uint8Array(4);
      new DataView(edge.buffer).setUint32(0, EDGES[rng.below(EDGES.length)], rng.below(2) === 0);
      return joined(bytes.subarray(0, at), edge, bytes.subarray(at + 4));
    }
    case 5:
      return joined(bytes.subarray(0, at), WORDS[rng.below(WORDS.length)], bytes.subarray(at));
    default: {
      const other = others[rng.below(others.length)];
      const from = rng.below(other.length + 1);
      const piece = other.subarray(from, from + length);
      return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
