import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { compactReports } from "../../../cluster/head/compact_reports.ts";

function succeeded(attemptId: number, bytes: Uint8Array) {
  const report = { type: "succeeded", result: { type: "inline", bytes }, durationMs: 1 } as const;
  return { taskId: `t${attemptId}`, attemptId, report };
}

Deno.test("small results of a large frame do not keep it in memory", () => {
  const frame = new Uint8Array(200_000).map((_, i) => i % 251);
  const ended = [
    succeeded(1, frame.subarray(100, 110)),
    { taskId: "t2", attemptId: 2, report: { type: "cancelled" } as const },
    succeeded(3, frame.subarray(5_000, 5_003)),
  ];
  const kept = compactReports(ended);
  assertEquals(kept, ended);
  for (const { report } of kept) {
    if (report.type !== "succeeded" || report.result.type !== "inline") continue;
    assert(report.result.bytes.buffer.byteLength < 100);
  }
});

Deno.test("results that are most of their frame, and those of small frames, stay where they are", () => {
  const large = new Uint8Array(200_000), small = new Uint8Array(1_000);
  for (const ended of [[succeeded(1, large.subarray(10))], [succeeded(1, small.subarray(0, 3))]]) {
    assertStrictEquals(compactReports(ended), ended);
  }
});
