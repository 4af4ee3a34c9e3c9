import type { ArgumentSources, ExecutorInput } from "../protocol/messages.ts";
import type { ResultRef } from "../scheduler/types.ts";
import type { ObjectCache } from "./object_cache.ts";

/** Has on this node what stands for arguments of a call.
 * @throws {Error} when an object cannot be had */
export async function fetchSources(
  cache: ObjectCache,
  inputs: readonly ResultRef[],
  objectIds: readonly string[],
): Promise<ArgumentSources> {
  const [localInputs, objects] = await Promise.all([
    Promise.all(inputs.map((input) => fetchInput(cache, input))),
    Promise.all(
      objectIds.map(async (objectId) => ({ objectId, path: await cache.path(objectId) })),
    ),
  ]);
  return { inputs: localInputs, objects };
}

/** Has a result on this node; throws like {@linkcode fetchSources}. */
export async function fetchInput(cache: ObjectCache, input: ResultRef): Promise<ExecutorInput> {
  if (input.type === "inline") return input;
  return { type: "file", path: await cache.path(input.objectId) };
}
