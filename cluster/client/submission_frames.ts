import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import type { WireTask } from "../protocol/messages.ts";

/** A frame of submissions is closed once it holds this many bytes of payloads. */
const FRAME_TARGET_BYTES = Math.min(4 * 1024 * 1024, MAX_FRAME_BYTES / 4);

/** Cuts submissions into frames, in their order. */
export function* submissionFrames(tasks: readonly WireTask[]): Generator<WireTask[]> {
  let frame: WireTask[] = [];
  let sizeBytes = 0;
  for (const task of tasks) {
    frame.push(task);
    sizeBytes += task.payload.byteLength;
    if (sizeBytes < FRAME_TARGET_BYTES) continue;
    yield frame;
    frame = [];
    sizeBytes = 0;
  }
  if (frame.length > 0) yield frame;
}
