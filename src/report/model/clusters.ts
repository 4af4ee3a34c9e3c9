/** How the assets of the last window hang together. */
export interface ClustersReport {
  /** Of the window. */
  readonly window: number;
  /** The training rows, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  /** The assets from left to right in the tree: leaf k of the tree is `assets[k]`. */
  readonly assets: readonly string[];
  /** One a leaf: its asset cluster, 0 … count − 1, rising. */
  readonly labels: readonly number[];
  /** The tree: merge k joins two nodes to node `assets.length + k`. Heights never fall. */
  readonly merges: readonly {
    readonly left: number;
    readonly right: number;
    readonly height: number;
  }[];
  /** Merges up to this height are within an asset cluster. */
  readonly cutHeight: number;
  /** Assets × assets in their order, of the training rows. */
  readonly correlations: readonly (readonly number[])[];
  /** Assets that are left out, the least held ones, where there are too many to draw. */
  readonly omitted: number;
}
