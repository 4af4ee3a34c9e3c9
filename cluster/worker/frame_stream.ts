import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import { ProtocolError } from "../protocol/shapes.ts";

const HEADER_BYTES = 4;
const READ_BYTES = 64 * 1024;

/** Frames over a byte stream between a daemon and its executor: four bytes of length (big endian), then the frame. */
export class FrameStream {
  readonly #connection: Deno.Conn;
  #writing: Promise<void> = Promise.resolve();

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Sends a frame after all earlier ones. */
  write(frame: Uint8Array): Promise<void> {
    const message = new Uint8Array(HEADER_BYTES + frame.byteLength);
    new DataView(message.buffer).setUint32(0, frame.byteLength);
    message.set(frame, HEADER_BYTES);
    this.#writing = this.#writing.then(() => this.#writeAll(message));
    return this.#writing;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      written += await this.#connection.write(bytes.subarray(written));
    }
  }

  /** The frames that arrive, until the other side closes.
   * @throws {ProtocolError} for a length over the limit, and for an end in the middle of a frame */
  async *frames(): AsyncGenerator<Uint8Array> {
    let buffer = new Uint8Array(READ_BYTES);
    let filled = 0;
    while (true) {
      const read = await this.#connection.read(buffer.subarray(filled));
      if (read === null) {
        if (filled > 0) throw new ProtocolError(`Cannot read a frame: the stream ended inside it`);
        return;
      }
      filled += read;
      let start = 0;
      while (filled - start >= HEADER_BYTES) {
        const length = new DataView(buffer.buffer, start).getUint32(0);
        if (length > MAX_FRAME_BYTES) {
          throw new ProtocolError(`Cannot read a frame of ${length} bytes`);
        }
        if (filled - start < HEADER_BYTES + length) break;
        yield buffer.slice(start + HEADER_BYTES, start + HEADER_BYTES + length);
        start += HEADER_BYTES + length;
      }
      buffer.copyWithin(0, start, filled);
      filled -= start;
      if (filled >= HEADER_BYTES) {
        const needed = HEADER_BYTES + new DataView(buffer.buffer).getUint32(0);
        if (needed > buffer.byteLength) {
          const larger = new Uint8Array(needed);
          larger.set(buffer.subarray(0, filled));
          buffer = larger;
        }
      }
      if (filled === 0 && buffer.byteLength > READ_BYTES) buffer = new Uint8Array(READ_BYTES);
    }
  }

  close(): void {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}
