import { CancelScope } from "./cancel_scope.ts";

/** Calls `work` for each input, at most `limit` at a time, in order. The first failure cancels the scope that the
 * others run in, keeps the rest from starting, and is thrown once all that ran have settled.
 * @param limit at least 1
 * @returns the results in the order of the inputs
 * @throws {RangeError} if limit < 1 · whatever `work` threw first · the parent's reason when that is cancelled */
export async function boundedMap<T, R>(
  inputs: Iterable<T>,
  limit: number,
  parent: CancelScope | undefined,
  work: (input: T, scope: CancelScope) => Promise<R>,
): Promise<R[]> {
  if (!(limit >= 1)) {
    throw new RangeError(`Cannot map with a concurrency below 1: current value is ${limit}`);
  }
  const scope = new CancelScope(parent);
  const results: R[] = [];
  const iterator = numbered(inputs);
  const runLane = async () => {
    for (const [index, input] of iterator) {
      results[index] = await work(input, scope);
      scope.throwIfCancelled();
    }
  };
  const lanes: Promise<void>[] = [];
  const laneCount = Array.isArray(inputs) ? Math.min(limit, inputs.length) : limit;
  for (let lane = 0; lane < laneCount; lane++) {
    lanes.push(runLane().catch((error) => scope.cancel(error)));
  }
  await Promise.all(lanes);
  scope.close();
  scope.throwIfCancelled();
  return results;
}

/** One iterator for all lanes: each input goes to one of them. Without a `return` method, since a lane that leaves
 * its loop must not end the iterator for the others. */
function numbered<T>(inputs: Iterable<T>): Iterable<[number, T]> {
  const iterator = inputs[Symbol.iterator]();
  let index = 0;
  const next = (): IteratorResult<[number, T]> => {
    const { done, value } = iterator.next();
    return done ? { done: true, value: undefined } : { done: false, value: [index++, value] };
  };
  return { [Symbol.iterator]: () => ({ next }) };
}
