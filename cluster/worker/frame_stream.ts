import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import { ProtocolError } from "../protocol/shapes.ts";

/** What frames travel over. */
type ByteStream = Pick<Deno.Conn, "read" | "write" | "close">;

const HEADER_BYTES = 4;
const READ_BYTES = 64 * 1024;

/** Frames over a byte stream between a daemon and its executor: four bytes of length (big endian), then the frame. */
export class FrameStream {
  readonly #connection: ByteStream;
  #writing: Promise<void> | undefined;

  constructor(connection: ByteStream) {
    this.#connection = connection;
  }

  /** Sends a frame after all earlier ones. */
  write(frame: Uint8Array): Promise<void> {
    const message = framed(frame);
    const before = this.#writing;
    const writing = before === undefined
      ? this.#writeAll(message)
      : before.then(() => this.#writeAll(message));
    this.#writing = writing;
    const forget = () => {
      if (this.#writing === writing) this.#writing = undefined;
    };
    writing.then(forget, () => {});
    return writing;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      written += await this.#connection.write(bytes.subarray(written));
    }
  }

  /** The frames that arrive, until the other side closes; those that arrive together come as one list.
   * @throws {ProtocolError} for a length over the limit, and for an end in the middle of a frame */
  async *frames(): AsyncGenerator<Uint8Array[]> {
    let buffer = new Uint8Array(READ_BYTES);
    let filled = 0;
    while (true) {
      const read = await this.#connection.read(buffer.subarray(filled));
      if (read === null) {
        if (filled > 0) throw new ProtocolError(`Cannot read a frame: the stream ended inside it`);
        return;
      }
      filled += read;
      const whole = wholeFramesBytes(buffer, filled);
      if (whole > 0) {
        // Copied once for all of them: what is decoded from a frame may go on pointing into it.
        yield split(buffer.slice(0, whole));
        buffer.copyWithin(0, whole, filled);
        filled -= whole;
        if (filled === 0 && buffer.byteLength > READ_BYTES) buffer = new Uint8Array(READ_BYTES);
      }
      if (filled >= HEADER_BYTES) buffer = withRoomFor(HEADER_BYTES + lengthAt(buffer, 0), buffer);
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

/** A frame with its header. */
function framed(frame: Uint8Array): Uint8Array {
  const length = frame.byteLength;
  const message = new Uint8Array(HEADER_BYTES + length);
  message[0] = length >>> 24;
  message[1] = length >>> 16;
  message[2] = length >>> 8;
  message[3] = length;
  message.set(frame, HEADER_BYTES);
  return message;
}

/** The length in a frame's header.
 * @throws {ProtocolError} when it is over the limit */
function lengthAt(buffer: Uint8Array, start: number): number {
  const length = buffer[start] * 2 ** 24 + (buffer[start + 1] << 16) + (buffer[start + 2] << 8) +
    buffer[start + 3];
  if (length > MAX_FRAME_BYTES) throw new ProtocolError(`Cannot read a frame of ${length} bytes`);
  return length;
}

/** How many of the first `filled` bytes are frames that have arrived as a whole. */
function wholeFramesBytes(buffer: Uint8Array, filled: number): number {
  let end = 0;
  while (filled - end >= HEADER_BYTES) {
    const next = end + HEADER_BYTES + lengthAt(buffer, end);
    if (next > filled) break;
    end = next;
  }
  return end;
}

function split(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let start = 0; start < bytes.byteLength;) {
    const end = start + HEADER_BYTES + lengthAt(bytes, start);
    frames.push(bytes.subarray(start + HEADER_BYTES, end));
    start = end;
  }
  return frames;
}

function withRoomFor(bytes: number, buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes <= buffer.byteLength) return buffer;
  const larger = new Uint8Array(bytes);
  larger.set(buffer);
  return larger;
}
