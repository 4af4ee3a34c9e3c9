import { assertEquals, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { join, relative } from "@std/path";
import { ROOT } from "../../structure/sources.ts";
import { codeFolder, lockOf, withHead, writeFiles } from "./nodes.ts";

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
  withHead(async ({ folder, head, client, startNode }) => {
    const project = join(folder, "project");
    const url = await writeFiles(project, WITH_PACKAGE);
    const clients = [client(), client()];
    const older = bound(clients[0]!);
    const olderRuns = Array.from({ length: 3 }, (_, i) => older.submit(`${url}tasks.ts`, i));
    // The version of what was submitted is fixed, whatever happens to the files.
    await writeFiles(project, {
      "lib/offset.ts": "export const offset = 100;",
      "data/big.bin": "changed, but no code",
    });
    const newer = bound(clients[1]!);
    const newerRuns = Array.from({ length: 3 }, (_, i) => newer.submit(`${url}tasks.ts`, i));
    await Deno.remove(project, { recursive: true });
    startNode("node");
    const [before, after] = await Promise.all([Promise.all(olderRuns), Promise.all(newerRuns)]);
    assertEquals(before.map(({ sum }) => sum), [1, 2, 3]);
    assertEquals(after.map(({ sum }) => sum), [100, 101, 102]);
    assertStringIncludes(before[0]!.url, `${codeFolder(folder, "node")}/`);
    assertEquals(new Set(before.map(({ pid }) => pid)).has(after[0]!.pid), false);
    assertEquals(head.objects.store.usage.count, 2);
    // Nobody needs the archives any more.
    for (const each of clients) await each[Symbol.asyncDispose]();
    while (head.objects.store.usage.count > 0) await delay(10);
  }));

Deno.test("a project that lies on the node as it was submitted runs there in place, with its own imports", () =>
  withHead(async ({ folder, client, startNode }) => {
    const url = await writeFiles(join(folder, "project"), WITH_PACKAGE);
    startNode("node");
    const place = await bound(client()).submit(`${url}tasks.ts`, 1);
    assertEquals([place.sum, place.url], [2, `${url}tasks.ts`]);
    assertEquals([...Deno.readDirSync(codeFolder(folder, "node"))].length, 1);
    assertEquals(await exists(join(folder, "project/node_modules")), false);
  }));

Deno.test("tasks that find Tradewind outside of their project, by path or by name, find the node's, and submit more", () =>
  withHead(async ({ folder, client, startNode }) => {
    const tradewind = relative(join(folder, "project/lib"), ROOT);
    const url = await writeFiles(join(folder, "project"), {
      "deno.json": JSON.stringify({ imports: { "@/": "./lib/" } }),
      "tasks.ts": `
        import { currentClient } from "tradewind";
        import { inner } from "@/inner.ts";
        export const leaf = (n: number) => n + inner;
        export const outer = (n: number) =>
          currentClient().submit({ module: import.meta.url, exportName: "leaf" }, [n]).result;`,
      "lib/inner.ts": `
        import { isObjectRef } from "${tradewind}/mod.ts";
        export const inner = isObjectRef({}) ? 0 : 10;`,
    });
    const { result } = client().submit({ module: `${url}tasks.ts`, exportName: "outer" }, [1]);
    await Deno.remove(join(folder, "project"), { recursive: true });
    startNode("node");
    assertEquals(await result, 11);
  }));

Deno.test("tasks of Tradewind itself run in place, in executors that are warm already", () =>
  withHead(async ({ client, startNode }) => {
    startNode("node");
    const module = new URL("../client/tasks.ts", import.meta.url).href;
    const working = client();
    assertEquals(await working.submit({ module, exportName: "add" }, [1, 2]).result, 3);
    const [worker] = (await working.status()).workers;
    assertEquals([worker!.executors.length, worker!.preparing], [1, []]);
  }));

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function bound(client: { submit: (fn: never, args: never) => { result: Promise<unknown> } }) {
  return {
    submit: (module: string, n: number) =>
      client.submit({ module, exportName: "place" } as never, [n] as never).result as Promise<
        Place
      >,
  };
}
