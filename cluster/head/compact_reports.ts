import type { WorkerMessage } from "../protocol/messages.ts";

type Ended = Extract<WorkerMessage, { type: "AttemptsEnded" }>["attempts"][number];

/** Frames up to here may live as long as what was read from them. */
const SMALL_FRAME_BYTES = 64 * 1024;

/** Reports whose results do not keep a large frame in memory: what is read from a frame points into it, and a head keeps
 * results for as long as somebody may ask. */
export function compactReports(attempts: readonly Ended[]): readonly Ended[] {
  const results = attempts.map(({ report }) =>
    report.type === "succeeded" && report.result.type === "inline" ? report.result.bytes : undefined
  );
  const total = results.reduce((sum, bytes) => sum + (bytes?.byteLength ?? 0), 0);
  const frameBytes = results.find((bytes) => bytes !== undefined)?.buffer.byteLength ?? 0;
  if (frameBytes <= SMALL_FRAME_BYTES || 2 * total > frameBytes) return attempts;
  const kept = new Uint8Array(total);
  let end = 0;
  return attempts.map((attempt, i) => {
    const result = results[i];
    if (result === undefined || attempt.report.type !== "succeeded") return attempt;
    kept.set(result, end);
    const bytes = kept.subarray(end, end += result.byteLength);
    return { ...attempt, report: { ...attempt.report, result: { type: "inline", bytes } } };
  });
}
