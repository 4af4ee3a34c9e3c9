import { sizeBytesIfThere } from "./if_there.ts";
import { dirname } from "@std/path";

/** A text file that is only appended to. When it is full it becomes `PATH.1`, that becomes `PATH.2`, and so on; the
 * oldest is dropped. */
export class RotatingFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #maxOld: number;
  #sizeBytes: number;

  /** Goes on with a file that is there, on a new line: a kill may have cut the last one.
   * @param maxBytes a file that has reached it is full
   * @param maxOld full files that are kept, besides the one that is written */
  constructor(path: string, maxBytes: number, maxOld: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#maxOld = maxOld;
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#sizeBytes = sizeBytesIfThere(path) ?? 0;
    if (this.#sizeBytes > 0 && !endsWithNewline(path)) this.append("\n");
  }

  /** Writes whole lines. */
  append(text: string): void {
    if (this.#sizeBytes >= this.#maxBytes) this.#rotate();
    const bytes = new TextEncoder().encode(text);
    Deno.writeFileSync(this.#path, bytes, { append: true, mode: 0o600 });
    this.#sizeBytes += bytes.byteLength;
  }

  #rotate(): void {
    const name = (age: number) => age === 0 ? this.#path : `${this.#path}.${age}`;
    for (let age = this.#maxOld; age >= 0; age--) {
      if ((sizeBytesIfThere(name(age)) ?? 0) === 0) continue;
      if (age === this.#maxOld) Deno.removeSync(name(age));
      else Deno.renameSync(name(age), name(age + 1));
    }
    this.#sizeBytes = 0;
  }
}

function endsWithNewline(path: string): boolean {
  using file = Deno.openSync(path, { read: true });
  file.seekSync(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  file.readSync(last);
  return last[0] === 10;
}
