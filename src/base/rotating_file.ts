import { sizeBytesIfThere } from "./if_there.ts";
import { dirname } from "@std/path";

/** A text file that is only appended to. When it is full it becomes `PATH.1`, that becomes `PATH.2`, and so on; the
 * oldest is dropped. */
export class RotatingFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #maxOld: number;
  #sizeBytes: number;
  /** Whether the last line was cut, by a kill or a full disk. */
  #isCut: boolean;

  /** Goes on with a file that is there, on a new line: a kill may have cut the last one.
   * @param maxBytes a file that has reached it is full
   * @param maxOld full files that are kept, besides the one that is written */
  constructor(path: string, maxBytes: number, maxOld: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#maxOld = maxOld;
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#sizeBytes = sizeBytesIfThere(path) ?? 0;
    this.#isCut = this.#sizeBytes > 0 && !endsWithNewline(path);
  }

  /** Writes whole lines.
   * @throws what the system says, for instance that the disk is full; later lines begin on a line of their own */
  append(text: string): void {
    if (this.#sizeBytes >= this.#maxBytes) this.#rotate();
    const bytes = new TextEncoder().encode(this.#isCut ? `\n${text}` : text);
    this.#isCut = true;
    Deno.writeFileSync(this.#path, bytes, { append: true, mode: 0o600 });
    this.#isCut = false;
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
