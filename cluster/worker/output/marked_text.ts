import type { AttemptId } from "../../scheduler/types.ts";

/** What an executor writes after the output of an attempt, on each stream: where it ends. The pipe and the connection
 * are two ways, so the answer may be here before the output. NUL is in no text. */
export function endMark(attemptId: AttemptId): string {
  return `\0tw ${attemptId}\n`;
}

/** A part of a stream: text, or the mark after the output of an attempt. */
export type MarkedPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "end"; readonly attemptId: AttemptId };

const WHOLE_MARK = /^\0tw (\d{1,16})\n/;
const BEGUN_MARK = /^\0(t(w( \d{0,16})?)?)?$/;

/** Finds the marks in a stream that comes in pieces. PURE. */
export class MarkReader {
  #held = "";

  /** The parts of the next piece; what may be the beginning of a mark is held back. */
  read(piece: string): MarkedPart[] {
    let rest = this.#held + piece;
    this.#held = "";
    const parts: MarkedPart[] = [];
    const addText = (text: string) => {
      if (text !== "") parts.push({ type: "text", text });
    };
    for (let at = rest.indexOf("\0"); at >= 0; at = rest.indexOf("\0")) {
      addText(rest.slice(0, at));
      rest = rest.slice(at);
      if (BEGUN_MARK.test(rest)) {
        this.#held = rest;
        return parts;
      }
      const mark = WHOLE_MARK.exec(rest);
      if (mark === null) addText("\uFFFD");
      else parts.push({ type: "end", attemptId: Number(mark[1]) });
      rest = rest.slice(mark === null ? 1 : mark[0].length);
    }
    addText(rest);
    return parts;
  }
}
