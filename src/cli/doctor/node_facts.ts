import { statfsSync } from "node:fs";

/** What a node tells of itself. */
export interface NodeFacts {
  /** By its own clock, in milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** Free on the disk of temporary files; undefined when it cannot be told. */
  readonly diskBytes: number | undefined;
}

/** Runs on a node, as a task. */
export function nodeFacts(): NodeFacts {
  return { nowMs: Date.now(), diskBytes: freeBytes() };
}

function freeBytes(): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(Deno.env.get("TMPDIR") ?? "/tmp");
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
