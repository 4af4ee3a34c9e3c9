import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { codeHash, findLocalSpecifiers } from "../../src/flow/code_hash.ts";

/** Writes the files into a new folder, lets `use` have it, and removes it. Each folder has URLs of its own, so that
 * what codeHash() remembers of one test is nothing to another. */
async function inFolder(
  files: Readonly<Record<string, string>>,
  use: (hashOf: (path: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, path), text);
    }
    await use((path) => codeHash(toFileUrl(join(folder, path)).href));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function hashWith(files: Readonly<Record<string, string>>): Promise<string> {
  let hash = "";
  await inFolder(files, async (hashOf) => {
    hash = await hashOf("main.ts");
  });
  return hash;
}

const MODULES = {
  "main.ts": 'import { a } from "./a.ts"; export { c } from "./c.ts"; await import("./d.ts"); a();',
  "a.ts": 'import "./b.ts"; export function a() {}',
  "b.ts": 'import { a } from "./a.ts"; void a; new URL("./kernel.wasm", import.meta.url);',
  "c.ts": "export const c = 1;",
  "d.ts": "export const d = 1;",
  "kernel.wasm": "wasm",
  "other.ts": "export const other = 1;",
  "deno.lock": "{}",
};

Deno.test("codeHash() is the same for the same code in another folder", async () => {
  assertEquals(await hashWith(MODULES), await hashWith(MODULES));
});

Deno.test("codeHash() changes with every file that the module reaches, and with the lock", async () => {
  const before = await hashWith(MODULES);
  for (
    const path of ["main.ts", "a.ts", "b.ts", "c.ts", "d.ts", "kernel.wasm", "deno.lock"] as const
  ) {
    const after = await hashWith({ ...MODULES, [path]: MODULES[path] + " " });
    assertNotEquals(after, before, path);
  }
});

Deno.test("codeHash() does not change with a file that the module does not reach", async () => {
  const before = await hashWith(MODULES);
  assertEquals(await hashWith({ ...MODULES, "other.ts": "export const other = 2;" }), before);
});

Deno.test("codeHash() bears an import of a file that is not there", async () => {
  const missing = { "main.ts": 'const text = `import "./gone.ts"`;' };
  assertNotEquals(await hashWith(missing), await hashWith({ ...missing, "gone.ts": "" }));
});

Deno.test("codeHash() refuses a module that is not there, and names it", async () => {
  await assertRejects(() => codeHash("file:///no/such/module.ts"), Error, "/no/such/module.ts");
});

Deno.test("findLocalSpecifiers() finds every way to import a relative module", () => {
  const source = `
    import one from "./one.ts";
    import { two,
      too } from '../two.ts';
    import * as three from "./three.ts"
    export * from "./four.ts";
    import "./five.ts";
    const six = await import ( "./six.ts" );
    import seven, { type Seven } from "./seven.ts";
    import eight from "./eight.json" with { type: "json" };
    import { type Nine, nine } from "./nine.ts";
    const wasm = new URL("./ten.wasm", import.meta.url);
    import type from "./eleven.ts";`;
  assertEquals(
    new Set(findLocalSpecifiers(source)),
    new Set([
      "./one.ts",
      "../two.ts",
      "./three.ts",
      "./four.ts",
      "./five.ts",
      "./six.ts",
      "./seven.ts",
      "./eight.json",
      "./nine.ts",
      "./ten.wasm",
      "./eleven.ts",
    ]),
  );
});

Deno.test("findLocalSpecifiers() leaves out types and packages", () => {
  const source = `
    import type { A } from "./a.ts";
    export type { B } from "./b.ts";
    import fc from "fast-check";
    import { createHash } from "node:crypto";`;
  assertEquals(findLocalSpecifiers(source), []);
});
