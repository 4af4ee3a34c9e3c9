import { assertEquals, assertThrows } from "@std/assert";
import { artifact, flow, openRunViews, runArtifacts, task } from "../../src/flow/mod.ts";
import { reports } from "./cluster_tasks.ts";
import { FakeCluster } from "./fake_cluster.ts";
import { withStore } from "./with_store.ts";

const TABLE = {
  type: "table",
  title: "Numbers",
  columns: ["x", "half", "note"],
  rows: [[3, 1.5, null], ["NaN", null, "none"]],
} as const;

Deno.test("artifacts of a cluster task come with its result, which stays what it was", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    const f = flow("f", async () => {
      artifact.markdown("notes", "# Begin");
      return await reports(3);
    });
    assertEquals(await f.run([], { store, runId: "a", cluster: cluster.connect }), 3);
    const found = store.runs.artifacts("a");
    assertEquals(found.map(({ taskName, taskSeq, name }) => [taskName, taskSeq, name]), [
      [null, null, "notes"],
      ["reports", 1, "numbers"],
      ["reports", 1, "done"],
    ]);
    assertEquals(found[1]!.content, TABLE);
    assertEquals(found[2]!.content, { type: "progress", title: "done", fraction: 1 });
  });
});

Deno.test("a cached task run has the artifacts of the one that computed its result", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    const f = flow("f", () => reports(3));
    await f.run([], { store, runId: "a", cluster: cluster.connect });
    await f.run([], { store, runId: "b", cluster: cluster.connect });
    assertEquals(cluster.submissions.length, 1);
    assertEquals(store.runs.artifacts("b").map(({ taskSeq, name }) => [taskSeq, name]), [
      [1, "numbers"],
      [1, "done"],
    ]);
  });
});

Deno.test("what a local task makes is there while it runs, and another process can read it", async () => {
  await withStore(async (store) => {
    using reader = openRunViews(store.path);
    const seen: unknown[] = [];
    const works = task("works", async () => {
      artifact.image("plot", "<svg/>", "image/svg+xml", { title: "A plot" });
      artifact.link("paper", "https://example.org/a");
      await Promise.resolve();
      seen.push(reader.views.artifacts("r").map(({ name, content }) => [name, content.type]));
    }, { run: "local" });
    const before = reader.views.changeCount();
    await flow("f", () => works()).run([], { store, runId: "r" });
    assertEquals(seen, [[["plot", "image"], ["paper", "link"]]]);
    assertEquals(reader.views.changeCount() === before, false);
    const [plot] = store.runs.artifacts("r");
    assertEquals(plot!.content, {
      type: "image",
      title: "A plot",
      mediaType: "image/svg+xml",
      base64: "PHN2Zy8+",
    });
  });
});

Deno.test("artifacts that could not be shown are refused, and say why", () => {
  assertThrows(() => artifact.link("l", "javascript:alert(1)"), TypeError, "neither http(s)");
  assertThrows(() => artifact.progress("p", 1.5), RangeError, "it is 1.5");
  assertThrows(() => artifact.markdown("", "x"), TypeError, "0 characters");
  assertThrows(
    () => artifact.markdown("m", "x".repeat(2 ** 22)),
    RangeError,
    "4194304 are allowed",
  );
});

Deno.test("outside of a run artifacts go nowhere", async () => {
  assertEquals(await reports(3), 3);
});

Deno.test("runArtifacts() tells a flow what it and its tasks have made so far, and nothing outside of a run", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    const f = flow("f", async () => {
      artifact.markdown("notes", "# Begin");
      const before = runArtifacts().map(({ name }) => name);
      await reports(3);
      return [before, runArtifacts().map(({ taskName, name }) => `${taskName} ${name}`)];
    });
    assertEquals(await f.run([], { store, runId: "a", cluster: cluster.connect }), [
      ["notes"],
      ["null notes", "reports numbers", "reports done"],
    ]);
  });
  assertEquals(runArtifacts(), []);
});
