import { assertEquals } from "@std/assert";
import { readSources } from "./sources.ts";

/** Each part, and the parts that it may import besides itself; the first prefix that fits a path names its part. */
const LAYERS: readonly (readonly [part: string, mayImport: readonly string[]])[] = [
  ["src/base/", []],
  ["cluster/scheduler/", ["src/base/"]],
  ["cluster/protocol/", ["src/base/", "cluster/scheduler/types.ts"]],
  ["cluster/objects/", ["src/base/", "cluster/scheduler/types.ts"]],
  ["cluster/code/", ["src/base/"]],
  ["cluster/head/", ["src/base/", "cluster/scheduler/", "cluster/protocol/", "cluster/objects/"]],
  ["cluster/worker/", [
    "src/base/",
    "cluster/scheduler/types.ts",
    "cluster/protocol/",
    "cluster/objects/",
    "cluster/code/",
  ]],
  ["cluster/client/", [
    "src/base/",
    "cluster/scheduler/types.ts",
    "cluster/protocol/",
    "cluster/objects/",
    "cluster/code/",
    "cluster/head/",
    "cluster/worker/",
  ]],
  ["provision/", ["src/base/"]],
  ["src/quant/", ["src/base/"]],
  ["src/manifest/", ["src/base/"]],
  ["src/lakehouse/", ["src/base/", "src/quant/panel.ts", "src/quant/ohlcv.ts"]],
  ["src/dataops/", ["src/base/", "src/manifest/", "src/lakehouse/", "src/quant/"]],
  ["src/ledger/", ["src/base/"]],
  ["src/report/", ["src/base/"]],
  // What marks a task's function is all that the code of a task needs of the engine.
  ["src/flow/", ["src/base/", "cluster/client/", "cluster/protocol/body.ts"]],
  // Its flows are written as a user's are.
  ["src/production/", [
    "src/base/",
    "src/manifest/",
    "src/flow/mod.ts",
    "src/lakehouse/",
    "src/ledger/",
    "src/quant/",
    "src/report/",
    // Its version stands in every ledger.
    "deno.json",
  ]],
  ["src/cli/", [
    "src/base/",
    "src/dataops/",
    "src/manifest/",
    "src/flow/",
    "src/lakehouse/",
    "src/ledger/",
    "src/quant/",
    "src/report/",
    "src/production/",
    "cluster/client/",
    "cluster/code/",
    "cluster/head/",
    "cluster/worker/",
    "cluster/protocol/access.ts",
    "cluster/objects/owned_folder.ts",
    "provision/",
  ]],
  ["mod.ts", ["src/", "cluster/client/"]],
];

function ruleOf(path: string): readonly [string, readonly string[]] {
  const rule = LAYERS.find(([part]) => path.startsWith(part));
  if (rule === undefined) throw new Error(`No layer is named for ${path}: add it to LAYERS`);
  return rule;
}

Deno.test("imports flow one way: no part imports one above it", () => {
  const upward: string[] = [];
  for (const { path, imports } of readSources("cluster", "provision", "src")) {
    const [part, mayImport] = ruleOf(path);
    for (const imported of imports) {
      if (![part, ...mayImport].some((prefix) => imported.startsWith(prefix))) {
        upward.push(`${path} → ${imported}`);
      }
    }
  }
  assertEquals(upward, []);
});

Deno.test("tests alone import from tests and testdata", () => {
  const sources = readSources("cluster", "provision", "src");
  const wrong = sources.filter(({ imports }) =>
    imports.some((path) => /^(tests|testdata)\//.test(path))
  );
  assertEquals(wrong.map(({ path }) => path), []);
});
