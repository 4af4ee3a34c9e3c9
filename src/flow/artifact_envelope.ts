import { AsyncLocalStorage } from "node:async_hooks";
import type { ArtifactContent } from "./artifact_content.ts";

/** The artifacts of a task by name, in the order of their making. */
export type Artifacts = ReadonlyMap<string, ArtifactContent>;

/** How a result travels from a worker whose task made artifacts: with them. */
interface ArtifactEnvelope {
  readonly $artifacts: readonly (readonly [string, ArtifactContent])[];
  readonly result: unknown;
}

const collections = new AsyncLocalStorage<Map<string, ArtifactContent>>();

/** Where the artifacts of the calling code are gathered; undefined where nobody gathers them. */
export function collectedArtifacts(): Map<string, ArtifactContent> | undefined {
  return collections.getStore();
}

/** The function of a task as a worker runs it: a result goes by itself, or in an envelope with the artifacts that were
 * made on the way to it. */
export function withEnvelope<A extends unknown[], R>(
  fn: (...args: A) => R | Promise<R>,
): (...args: A) => Promise<R> {
  return (...args) => {
    const artifacts = new Map<string, ArtifactContent>();
    return collections.run(artifacts, async () => {
      const result = await fn(...args);
      if (artifacts.size === 0) return result;
      const envelope: ArtifactEnvelope = { $artifacts: [...artifacts], result };
      return envelope as R;
    });
  };
}

/** What came from a worker: the result, and the artifacts that were made on the way to it. */
export function openEnvelope<R>(
  received: R,
): { readonly result: R; readonly artifacts: Artifacts } {
  if (!isEnvelope(received)) return { result: received, artifacts: NONE };
  return { result: received.result as R, artifacts: new Map(received.$artifacts) };
}

const NONE: Artifacts = new Map();

function isEnvelope(value: unknown): value is ArtifactEnvelope {
  return typeof value === "object" && value !== null && "$artifacts" in value && "result" in value;
}
