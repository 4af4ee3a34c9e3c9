import { assert, assertEquals, assertThrows } from "@std/assert";
import polars from "nodejs-polars";
import { clusterTests } from "./cluster_test_case.ts";

const MODULE = new URL("./value_tasks.ts", import.meta.url).href;
const clusterTest = clusterTests(MODULE);

function prices(rows: number) {
  return polars.DataFrame({
    day: Array.from({ length: rows }, (_, i) => i),
    asset: Array.from({ length: rows }, (_, i) => `A${i % 7}`),
    close: Array.from({ length: rows }, (_, i) => i / 8),
  });
}

clusterTest(
  "dataframes are put, passed and returned as what they are",
  1,
  async ({ cluster: { client }, run }) => {
    const frame = prices(1_000);
    const ref = await client.put(frame);
    const back = await client.get<typeof frame>(ref);
    assert(back.frameEqual(frame));

    const fromRef = await run<typeof frame>("dearest", [ref, 3]);
    assertEquals(fromRef.getColumn("close").toArray(), [124.875, 124.75, 124.625]);
    const byValue = await run<typeof frame>("dearest", [frame, 3]);
    assert(byValue.frameEqual(fromRef));

    const made = client.submit<typeof frame>({ module: MODULE, exportName: "dearest" }, [ref, 5]);
    assertEquals(await run("height", [made]), 5);
  },
);

clusterTest(
  "large arguments go by the object store, as they are when they are passed, and leave with their task",
  1,
  async ({ cluster: { client }, run }) => {
    const values = new Float64Array(2_000_000).fill(1);
    const summed = run<number>("total", [values, { nested: new Int32Array(50_000).fill(2) }]);
    values.fill(9);
    assertEquals(await summed, 2_100_000);
    assertThrows(
      () => client.submit({ module: MODULE, exportName: "total" }, [[() => 1, "x".repeat(2e5)]]),
      TypeError,
      "args[0][0]",
    );
  },
);

clusterTest(
  "a task that may call nothing native reads and returns large values all the same",
  1,
  async ({ cluster: { client } }) => {
    const module = new URL("./tasks.ts", import.meta.url).href;
    const options = { permissions: { ffi: false } };
    const values = new Float64Array(100_000).fill(2);
    const scaled = client.submit<Float64Array>(
      { module, exportName: "scaled" },
      [values, 3],
      options,
    );
    const total = client.submit<number>({ module, exportName: "sum" }, [scaled], options);
    assertEquals(await total.result, 600_000);
    assertEquals((await scaled.result)[99_999], 6);
  },
);
