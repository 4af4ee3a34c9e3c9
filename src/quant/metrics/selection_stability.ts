/** How much of a selection stays from one window to the next: the mean Jaccard index
 * |A ∩ B| / |A ∪ B| of neighbouring windows.
 * @param selections the assets that each window selects, in the order of time
 * @returns from 0 (all replaced every time) to 1 (always the same); pairs of empty selections are left
 * out, and NaN is what remains without a pair
 * Source: Jaccard (1912), "The Distribution of the Flora in the Alpine Zone". */
export function selectionJaccard<Asset>(selections: readonly ReadonlySet<Asset>[]): number {
  let sum = 0;
  let pairs = 0;
  for (let k = 1; k < selections.length; k++) {
    const union = selections[k - 1].union(selections[k]).size;
    if (union === 0) continue;
    sum += selections[k - 1].intersection(selections[k]).size / union;
    pairs++;
  }
  return sum / pairs;
}
