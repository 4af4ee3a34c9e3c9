import { AsyncLocalStorage } from "node:async_hooks";
import type { ArtifactContent } from "./artifact_content.ts";
import { LiveProgress } from "./live_progress.ts";

/** The artifacts of a task by name, in the order of their making. */
export type Artifacts = ReadonlyMap<string, ArtifactContent>;

/** How a result travels from a worker whose task made artifacts: with them. */
interface ArtifactEnvelope {
  readonly $artifacts: readonly (readonly [string, ArtifactContent])[];
  readonly result: unknown;
}

/** Gathers what a task of the cluster makes, until it ends. */
class ArtifactCollection {
  readonly artifacts = new Map<string, ArtifactContent>();
  readonly #progress = new LiveProgress();

  /** Takes an artifact; it replaces the one of its name. */
  keep(name: string, content: ArtifactContent): void {
    this.artifacts.set(name, content);
    if (content.type === "progress") this.#progress.tell({ ...content, name });
  }
}

const collections = new AsyncLocalStorage<ArtifactCollection>();

/** What gathers the artifacts of the calling code; undefined where nobody gathers them. */
export function artifactCollection(): ArtifactCollection | undefined {
  return collections.getStore();
}

/** The function of a task as a worker runs it: a result goes by itself, or in an envelope with the artifacts that were
 * made on the way to it. */
export function withEnvelope<A extends unknown[], R>(
  fn: (...args: A) => R | Promise<R>,
): (...args: A) => Promise<R> {
  return (...args) => {
    const collection = new ArtifactCollection();
    return collections.run(collection, async () => {
      const result = await fn(...args);
      const { artifacts } = collection;
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
