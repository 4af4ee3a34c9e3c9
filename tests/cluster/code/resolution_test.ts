import { assertEquals, assertThrows } from "@std/assert";
import { buildImportMap } from "../../../cluster/code/import_map.ts";
import { mergeLocks, parseLock } from "../../../cluster/code/lock_file.ts";

const TRADEWIND = {
  folderUrl: "file:///node/tradewind/",
  imports: { tradewind: "./mod.ts", msgpackr: "npm:msgpackr@2.1.3" },
  scopes: {},
};

function project(imports: Record<string, string>, scopes = {}) {
  return { folderUrl: "file:///node/code/tree/", imports, scopes };
}

Deno.test("buildImportMap() resolves a project's own imports from its folder, with the inner modules of packages", () => {
  const { imports } = buildImportMap({
    configs: [
      project({ "lib/": "./lib/", zod: "npm:zod@4", "@s/x": "jsr:@s/x@^1", "./a.ts": "./b.ts" }),
    ],
    tradewind: TRADEWIND,
    movedTradewinds: [],
  });
  assertEquals(imports, {
    tradewind: "file:///node/tradewind/mod.ts",
    "lib/": "file:///node/code/tree/lib/",
    zod: "npm:zod@4",
    "zod/": "npm:/zod@4/",
    "@s/x": "jsr:@s/x@^1",
    "@s/x/": "jsr:/@s/x@^1/",
    "file:///node/code/tree/a.ts": "file:///node/code/tree/b.ts",
  });
});

Deno.test("buildImportMap() gives Tradewind its own packages, whatever the project means by their names", () => {
  const { imports, scopes } = buildImportMap({
    configs: [project({ msgpackr: "npm:msgpackr@1" }, { "./old/": { zod: "npm:zod@3" } }), {
      folderUrl: "file:///node/code/tree/member/",
      imports: { zod: "npm:zod@4" },
      scopes: {},
    }],
    tradewind: TRADEWIND,
    movedTradewinds: [],
  });
  assertEquals(imports.msgpackr, "npm:msgpackr@1");
  assertEquals(scopes["file:///node/tradewind/"]!.msgpackr, "npm:msgpackr@2.1.3");
  assertEquals(scopes["file:///node/code/tree/"]!.msgpackr, "npm:msgpackr@1");
  assertEquals(scopes["file:///node/code/tree/old/"]!.zod, "npm:zod@3");
  assertEquals(scopes["file:///node/code/tree/member/"]!.zod, "npm:zod@4");
});

Deno.test("buildImportMap() takes the node's Tradewind for that of the submitting machine", () => {
  const moved = "file:///node/code/tradewind/";
  const { imports } = buildImportMap({
    configs: [project({ tradewind: "../tradewind/mod.ts" })],
    tradewind: TRADEWIND,
    movedTradewinds: [moved],
  });
  assertEquals(imports.tradewind, "file:///node/tradewind/mod.ts");
  assertEquals(imports[moved], "file:///node/tradewind/");
});

Deno.test("mergeLocks() has what both name, the project's where both do, and the project's workspace", () => {
  const merged = mergeLocks(
    { version: "5", specifiers: { a: "1", b: "1" }, workspace: { dependencies: ["a"] } },
    { version: "5", specifiers: { b: "2", c: "2" }, npm: { c: {} }, workspace: { x: 1 } },
  );
  assertEquals(merged, {
    version: "5",
    specifiers: { a: "1", b: "1", c: "2" },
    npm: { c: {} },
    workspace: { dependencies: ["a"] },
  });
  assertEquals(mergeLocks(undefined, { version: "5", npm: {} }), { version: "5" });
});

Deno.test("parseLock() refuses what is no lock, and another version", () => {
  assertThrows(() => parseLock("{"), Error, "Cannot read the deno.lock");
  assertThrows(() => parseLock("null"), Error, "version undefined");
  assertThrows(() => parseLock('{"version":"3"}'), Error, "it has version 3");
});
