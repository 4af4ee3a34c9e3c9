/** Requests that are under way at once: enough to fill a line, few enough to be no burden. */
export const IN_FLIGHT = 8;

/** Does the same to every item, at most `limit` at a time. After the first failure no more are begun; those under way
 * are waited for, so that nothing goes on in the background.
 * @returns results in the order of the items
 * @throws the first failure */
export async function inParallel<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const failures: unknown[] = [];
  const lane = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index], index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
