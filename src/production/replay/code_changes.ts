import { canonicalJson, type Json } from "../../base/canonical_json.ts";
import { readProvenance } from "../provenance.ts";
import type { RecordedRun } from "./recorded_run.ts";

/** What differs between the code that made a run and the code that runs now; empty when nothing is known to. */
export async function findCodeChanges(
  { versions, lockHash, gitHash }: RecordedRun,
): Promise<string[]> {
  const now = await readProvenance();
  const changes: readonly (readonly [string, Json, Json])[] = [
    ["versions", versions, now.versions],
    ["deno.lock", lockHash, now.lockHash],
    ["git commit", gitHash, now.gitHash],
  ];
  return changes.flatMap(([name, then, today]) =>
    canonicalJson(then) === canonicalJson(today)
      ? []
      : [`${name}: ${canonicalJson(then)} then, ${canonicalJson(today)} now`]
  );
}
