import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { sha256Hex } from "../../../src/base/hash.ts";
import { TaskFailedError } from "../../../cluster/client/mod.ts";
import { packArchive } from "../../../cluster/code/archive.ts";
import { packProject } from "../../../cluster/code/code_archive.ts";
import type { Head } from "../../../cluster/head/head.ts";
import { findObject } from "../../../cluster/objects/object_folders.ts";
import { cacheWithout, codeFolder, lockOf, withHead, writeFiles } from "./nodes.ts";
import type { Trial } from "./nodes.ts";

const TASK = "export const run = () => 1;";

/** How a task of a project ends on a node that has nothing of it. */
async function failureOf(trial: Trial, files: Record<string, string>): Promise<TaskFailedError> {
  const url = await writeFiles(join(trial.folder, "project"), files);
  const { result } = trial.client().submit({ module: `${url}task.ts`, exportName: "run" }, []);
  await Deno.remove(join(trial.folder, "project"), { recursive: true });
  const error = await assertRejects(() => result, TaskFailedError);
  return error as TaskFailedError;
}

Deno.test("a project that imports packages and has no lock fails at once, and says what to do", () =>
  withHead(async (trial) => {
    trial.startNode("node");
    const error = await failureOf(trial, {
      "deno.json": JSON.stringify({ imports: { zod: "npm:zod@4.6.7" } }),
      "task.ts": TASK,
    });
    assertEquals([error.kind, error.causeName], ["crashed", "CodeError"]);
    assertStringIncludes(error.message, "imports npm:zod@4.6.7 and has no deno.lock");
    assertStringIncludes(error.message, "worker node");
  }));

Deno.test("a lock of another version fails at once, and says what to do", () =>
  withHead(async (trial) => {
    trial.startNode("node", { flags: ["--offline"] });
    const error = await failureOf(trial, {
      "deno.json": JSON.stringify({ imports: { zod: "npm:zod@4.6.7" } }),
      "deno.lock": JSON.stringify({ version: "99" }),
      "task.ts": TASK,
    });
    assertEquals(error.kind, "crashed");
    assertStringIncludes(error.message, "it has version 99, this Deno writes");
  }));

Deno.test("what one node cannot install another one can: the task goes there, and the first one rests", () =>
  withHead(async (trial) => {
    const { folder, client, startNode } = trial;
    const url = await writeFiles(join(folder, "project"), {
      "deno.json": JSON.stringify({ imports: { zod: "npm:zod@4.6.7" } }),
      "deno.lock": lockOf(["zod@4.6.7"]),
      "task.ts": 'import { z } from "zod"; export const run = () => z.number().parse(1);',
    });
    const working = client();
    const flags = ["--offline", "--resources", "is:poor"];
    startNode("poor", { flags, env: await cacheWithout(folder, "zod") });
    startNode("rich");
    while ((await working.status()).workers.length < 2);
    const { result } = working.submit({ module: `${url}task.ts`, exportName: "run" }, [], {
      affinity: { labels: ["is:poor"], mode: "prefer" },
    });
    await Deno.remove(join(folder, "project"), { recursive: true });
    assertEquals(await result, 1);
  }));

Deno.test("an archive that would write outside of its folder is refused, and nothing of it is written", () =>
  withHead(async (trial) => {
    trial.startNode("node");
    const hostile = packArchive([
      { path: "xx/up", content: new Uint8Array(1), isExecutable: false },
    ]);
    // Two dots for two x: the checksum changes by as much.
    hostile.set(new TextEncoder().encode("../up"), 0);
    const sum = parseInt(new TextDecoder().decode(hostile.subarray(148, 154)), 8) - 2 * (120 - 46);
    hostile.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0")), 148);
    await assertRefused(trial, hostile, "leads upwards");
    assertEquals([...Deno.readDirSync(codeFolder(trial.folder, "node"))], []);
  }));

Deno.test("an archive that is none is refused", () =>
  withHead(async (trial) => {
    trial.startNode("node");
    await assertRefused(
      trial,
      new TextEncoder().encode("no archive".repeat(100)),
      "Cannot read the archive",
    );
  }));

Deno.test("an archive that is damaged at the head never comes to be unpacked", () =>
  withHead(async (trial) => {
    const { folder, head, clientOf, startNode } = trial;
    await writeFiles(join(folder, "project"), { "deno.json": "{}", "task.ts": TASK });
    const { hash, bytes } = packProject(join(folder, "project"));
    const damaged = bytes.slice();
    damaged[600]!++;
    await storeAt(trial.head, bytes);
    await Deno.writeFile(findObject(head.objects.store.folders, hash)!.path, damaged);
    startNode("node");
    const client = clientOf({
      hash,
      sizeBytes: 1,
      root: "/nowhere",
      tradewind: undefined,
    });
    const { result } = client.submit({ module: "task.ts", exportName: "run" }, []);
    const error = await assertRejects(() => result, TaskFailedError) as TaskFailedError;
    assertEquals(error.kind, "unprepared");
    assertStringIncludes(error.message, "its bytes have the hash");
  }));

async function assertRefused(trial: Trial, archive: Uint8Array<ArrayBuffer>, reason: string) {
  const hash = sha256Hex(archive);
  await storeAt(trial.head, archive);
  const client = trial.clientOf({
    hash,
    sizeBytes: 1,
    root: "/nowhere",
    tradewind: undefined,
  });
  const { result } = client.submit({ module: "task.ts", exportName: "run" }, []);
  const error = await assertRejects(() => result, TaskFailedError) as TaskFailedError;
  assertEquals([error.kind, error.causeName], ["crashed", "CodeError"]);
  assertStringIncludes(error.message, reason);
}

async function storeAt(head: Head, archive: Uint8Array<ArrayBuffer>): Promise<void> {
  const url = new URL(`${head.url}/objects/${sha256Hex(archive)}?client=tests`);
  await head.objects.answer(new Request(url, { method: "PUT", body: archive }), url);
}
