import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { lockOf, withHead, writeFiles } from "./nodes.ts";

const WITH_PACKAGE = {
  "deno.json": JSON.stringify({ imports: { zod: "npm:zod@4.6.7", "lib/": "./lib/" } }),
  "deno.lock": lockOf(["zod@4.6.7"]),
  ".gitignore": "data/\n",
  "data/big.bin": "not code",
  "lib/offset.ts": "export const offset = 1;",
  "tasks.ts": `
    import { z } from "zod";
    import { offset } from "lib/offset.ts";
    export function place(n: number) {
      return { sum: z.number().parse(n) + offset, url: import.meta.url, pid: Deno.pid };
    }`,
};

interface Place {
  readonly sum: number;
  readonly url: string;
  readonly pid: number;
}

Deno.test("a project with a package runs on a node that has nothing of it; two versions give two answers side by side", () =>
  withHead(async ({ folder, client, startNode }) => {
    const project = join(folder, "project");
    const url = await writeFiles(project, WITH_PACKAGE);
    const older = bound(client());
    const olderRuns = Array.from({ length: 3 }, (_, i) => older.submit(`${url}tasks.ts`, i));
    // The version of what was submitted is fixed, whatever happens to the files.
    await writeFiles(project, {
      "lib/offset.ts": "export const offset = 100;",
      "data/big.bin": "changed, but no code",
    });
    const newer = bound(client());
    const newerRuns = Array.from({ length: 3 }, (_, i) => newer.submit(`${url}tasks.ts`, i));
    await Deno.remove(project, { recursive: true });
    startNode("node");
    const [before, after] = await Promise.all([Promise.all(olderRuns), Promise.all(newerRuns)]);
    assertEquals(before.map(({ sum }) => sum), [1, 2, 3]);
    assertEquals(after.map(({ sum }) => sum), [100, 101, 102]);
    assertStringIncludes(before[0]!.url, `${folder}/node/node/code/`);
    assertEquals(new Set(before.map(({ pid }) => pid)).has(after[0]!.pid), false);
  }));

function bound(client: { submit: (fn: never, args: never) => { result: Promise<unknown> } }) {
  return {
    submit: (module: string, n: number) =>
      client.submit({ module, exportName: "place" } as never, [n] as never).result as Promise<
        Place
      >,
  };
}
