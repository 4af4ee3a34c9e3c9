/** How rows are cut for combinatorial purged cross-validation. */
export interface CombinatorialSettings {
  /** N groups of neighbouring rows, of sizes that differ by at most one, the larger first. */
  readonly groups: number;
  /** k, the groups that each split tests. */
  readonly testGroups: number;
  /** Rows left out of training on either side of a test range, for labels that reach ahead. Default 0. */
  readonly purge?: number;
  /** More rows left out after a test range, for what lingers in the features. Default 0. */
  readonly embargo?: number;
}

/** A half-open range of rows. */
export interface SplitRange {
  readonly from: number;
  readonly to: number;
}

/** One choice of test groups. */
export interface CombinatorialSplit {
  /** 0, 1, 2, … in the lexicographic order of the test groups. */
  readonly index: number;
  /** k groups, rising. */
  readonly testGroups: readonly number[];
  /** The rows of each test group, in order. */
  readonly test: readonly SplitRange[];
  /** Training rows, in order; may be none when purge and embargo leave none. */
  readonly train: readonly SplitRange[];
}

/** All splits, and the paths that their tests make up. */
export interface CombinatorialSplits {
  /** The rows of the N groups, in order. */
  readonly groups: readonly SplitRange[];
  /** C(N, k) splits. */
  readonly splits: readonly CombinatorialSplit[];
  /** φ = C(N, k) · k / N backtest paths; each names for every group the split that tests it. */
  readonly paths: readonly (readonly number[])[];
}

/** The largest number of splits: C(20, 10) is 184,756, and each is a training. */
const MAX_SPLITS = 10_000;

/** Cuts rows for combinatorial purged cross-validation: every choice of k from N groups is tested once,
 * trained on the rest. Each group is tested C(N, k) · k / N times, so that the tests make up as many
 * whole paths through history, where a walk-forward has one.
 *
 * It trains on rows after tests as well, so purge and embargo must cover what reaches from one to the
 * other. For judging how sure a result is; what goes live is decided by a walk-forward.
 * @throws {RangeError} if a setting is out of range, there are fewer rows than groups, or more than
 * 10,000 splits
 * Source: López de Prado (2018), "Advances in Financial Machine Learning", ch. 7 and 12. */
export function combinatorialSplits(
  rows: number,
  settings: CombinatorialSettings,
): CombinatorialSplits {
  const { groups, testGroups, purge = 0, embargo = 0 } = settings;
  requireValid(rows, { groups, testGroups, purge, embargo });
  const ranges = groupRanges(rows, groups);
  const splits = combinations(groups, testGroups).map((chosen, index) => ({
    index,
    testGroups: chosen,
    test: chosen.map((group) => ranges[group]),
    train: trainRanges(rows, chosen.map((group) => ranges[group]), purge, embargo),
  }));
  return { groups: ranges, splits, paths: pathsOf(splits, groups) };
}

function groupRanges(rows: number, groups: number): SplitRange[] {
  const least = Math.floor(rows / groups);
  const larger = rows % groups;
  const startOf = (group: number) => group * least + Math.min(group, larger);
  return Array.from({ length: groups }, (_, k) => ({ from: startOf(k), to: startOf(k + 1) }));
}

/** All rising choices of `count` from 0 to `of − 1`, in lexicographic order. */
function combinations(of: number, count: number, from = 0): number[][] {
  if (count === 0) return [[]];
  const all: number[][] = [];
  for (let first = from; first <= of - count; first++) {
    for (const rest of combinations(of, count - 1, first + 1)) all.push([first, ...rest]);
  }
  return all;
}

/** What tests, purge and embargo leave. */
function trainRanges(
  rows: number,
  test: readonly SplitRange[],
  purge: number,
  embargo: number,
): SplitRange[] {
  const train: SplitRange[] = [];
  let from = 0;
  for (const range of [...test, { from: rows + purge, to: rows }]) {
    if (range.from - purge > from) train.push({ from, to: range.from - purge });
    from = Math.max(from, range.to + purge + embargo);
  }
  return train;
}

/** The jth path takes each group from the jth split that tests it. */
function pathsOf(splits: readonly CombinatorialSplit[], groups: number): number[][] {
  const testedBy: number[][] = Array.from({ length: groups }, () => []);
  for (const { index, testGroups } of splits) {
    for (const group of testGroups) testedBy[group].push(index);
  }
  return testedBy[0].map((_, path) => testedBy.map((indexes) => indexes[path]));
}

function requireValid(rows: number, settings: Required<CombinatorialSettings>): void {
  const { groups, testGroups } = settings;
  const least = { groups: 2, testGroups: 1, purge: 0, embargo: 0 };
  for (const name of ["groups", "testGroups", "purge", "embargo"] as const) {
    if (Number.isInteger(settings[name]) && settings[name] >= least[name]) continue;
    throw new RangeError(
      `Cannot cut combinatorial splits: ${name} must be a whole number >= ${least[name]}: ` +
        `current value is ${settings[name]}`,
    );
  }
  if (testGroups >= groups) {
    throw new RangeError(
      `Cannot cut combinatorial splits: testGroups must be < groups ${groups}: ` +
        `current value is ${testGroups}`,
    );
  }
  if (!(Number.isInteger(rows) && rows >= groups)) {
    throw new RangeError(
      `Cannot cut combinatorial splits: ${groups} groups need as many rows, got ${rows}`,
    );
  }
  let splits = 1;
  for (let k = 0; k < testGroups; k++) splits = splits * (groups - k) / (k + 1);
  if (splits > MAX_SPLITS) {
    throw new RangeError(
      `Cannot cut combinatorial splits: ${testGroups} of ${groups} groups make ${splits} splits, ` +
        `more than ${MAX_SPLITS}; take fewer groups`,
    );
  }
}
