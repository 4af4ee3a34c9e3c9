import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { flow, openFlowStore, task } from "../../src/flow/mod.ts";
import { attachPaths, detachPaths } from "../../src/flow/portable_paths.ts";

Deno.test("paths of a folder are told from it on, others are left alone", () => {
  const value = { a: "/out", b: ["/out/store/x", 7], c: "/output", d: Float64Array.of(1) };
  const moved = attachPaths(detachPaths(value, "/out"), "/elsewhere");
  assertEquals(moved, { ...value, a: "/elsewhere", b: ["/elsewhere/store/x", 7] });
  assertStrictEquals(moved.d, value.d);
  const plain = { c: "/output", d: [1, "x"] };
  assertStrictEquals(detachPaths(plain, "/out"), plain);
});

Deno.test("what is detached from a folder is the same when it is attached to it again", () => {
  const leaf = fc.oneof(
    fc.constantFrom("/a", "/a/b", "/ab", "", "a"),
    fc.integer(),
    fc.constant(null),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      leaf,
      fc.array(tie("value")),
      fc.dictionary(fc.constantFrom("x", "y"), tie("value")),
    ),
  }));
  fc.assert(fc.property(value, (given) => {
    const plain = JSON.parse(JSON.stringify(given));
    assertEquals(attachPaths(detachPaths(plain, "/a"), "/a"), plain);
  }));
});

const where = task("where", (folder: string) => ({ file: `${folder}/made`, times: ++times }), {
  run: "local",
  module: import.meta.url,
});
let times = 0;

Deno.test("a store that was moved with its folder still has its results, and these name the new place", async () => {
  const root = await Deno.makeTempDir();
  const run = async (folder: string, runId: string) => {
    using store = openFlowStore(`${folder}/flow.db`);
    return await flow("here", () => where(folder)).run([], { store, runId });
  };
  try {
    assertEquals(await run(`${root}/old`, "a"), { file: `${root}/old/made`, times: 1 });
    await Deno.rename(`${root}/old`, `${root}/new`);
    assertEquals(await run(`${root}/new`, "b"), { file: `${root}/new/made`, times: 1 });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
