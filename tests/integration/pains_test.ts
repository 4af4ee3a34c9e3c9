import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  artifactPath,
  hasArtifact,
  keepArtifact,
  type MadeArtifact,
} from "../../src/production/tasks/artifact_store.ts";
import { clusterTests } from "../cluster/client/cluster_test_case.ts";
import { withSeparateNodes } from "../cluster/objects/separate_nodes.ts";
import { withFolder } from "./cli.ts";

const ARTIFACTS = new URL("../../src/production/tasks/artifact_store.ts", import.meta.url).href;

const TASKS = new URL("../cluster/client/tasks.ts", import.meta.url).href;
const testWithCluster = clusterTests(TASKS);

testWithCluster(
  "cold start: tasks of one sleeve after the other run in the executors that the first one started, one a slot",
  2,
  async ({ run }) => {
    const sleeve = () =>
      Promise.all(Array.from({ length: 40 }, () => run<number>("pidAfter", [5])));
    const first = new Set(await sleeve());
    assert(first.size <= 2, `${first.size} processes`);
    for (const pid of [...await sleeve(), ...await sleeve()]) assert(first.has(pid), String(pid));
  },
);

Deno.test("worker output and host paths: what a node makes for a folder of the user's host comes back, and outlives the node", () =>
  withFolder((folder) =>
    withSeparateNodes(async ({ startNode, client }) => {
      const node = await startNode("far");
      const store = join(folder, "store");
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
      const made = await client.submit<MadeArtifact>(
        { module: ARTIFACTS, exportName: "makeArtifact" },
        [store, ".bin", bytes],
      ).result;
      // Of the host's folder the node has made nothing.
      assertEquals([...Deno.readDirSync(folder)], []);
      assert(hasArtifact(store, made));
      await node.kill();
      const kept = await keepArtifact(store, made);
      assertEquals(await Deno.readFile(artifactPath(store, kept)), bytes);
      assertEquals(kept.sha256, made.sha256);
    })
  ));
