import { assert, assertEquals } from "@std/assert";
import { clusterAssets } from "../../../src/quant/clustering/cluster_assets.ts";
import references from "../../reference/optimizers/references.json" with { type: "json" };

const { T, N } = references;
const window = { values: Float64Array.from(references.returns), T, N };
const { lookbacks, cutHeight } = references.clustering;

Deno.test("clusterAssets() groups real stocks as SciPy does", () => {
  const clusters = clusterAssets(window, { lookbacks, cutHeight, maxClusters: 25 });
  assertEquals([...clusters.labels], references.clustering.labels);
  assertEquals([...clusters.leafOrder], references.clustering.ward.leafOrder);
});

Deno.test("clusterAssets() holds to maxClusters, each contiguous in the leaf order", () => {
  for (let maxClusters = 1; maxClusters <= N; maxClusters++) {
    const { labels, count, leafOrder } = clusterAssets(window, {
      lookbacks,
      cutHeight: 0,
      maxClusters,
    });
    assertEquals(count, maxClusters);
    const alongLeaves = [...leafOrder].map((asset) => labels[asset]);
    assert(
      alongLeaves.every((label, p) =>
        p === 0 || label - alongLeaves[p - 1] <= 1 && label >= alongLeaves[p - 1]
      ),
    );
  }
});
