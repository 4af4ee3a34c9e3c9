import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { packProject } from "../../../cluster/code/code_archive.ts";
import type { CodeRef } from "../../../cluster/protocol/code_ref.ts";
import { CodeVersions, NotPreparedError } from "../../../cluster/worker/code_versions.ts";
import { writeFiles } from "./nodes.ts";

interface Trial {
  readonly versions: CodeVersions;
  readonly inUse: Set<string>;
  /** The code of a project with one file, whose archive is on the node. */
  readonly codeOf: (text: string) => Promise<CodeRef>;
  /** What lies unpacked. */
  readonly unpacked: () => string[];
}

async function withVersions(test: (trial: Trial) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const archives = new Map<string, Uint8Array<ArrayBuffer>>();
  const read = (objectId: string) => {
    const archive = archives.get(objectId);
    return archive ? Promise.resolve(archive) : Promise.reject(new Error("it is not here"));
  };
  const inUse = new Set<string>();
  const versions = new CodeVersions({
    folder: join(folder, "code"),
    nodeName: "this node",
    objects: { read },
    configPath: undefined,
    isOffline: true,
    isInUse: (key) => inUse.has(key),
  });
  const codeOf = async (text: string) => {
    await writeFiles(join(folder, "project"), { "deno.json": "{}", "task.ts": text });
    const { hash, bytes } = packProject(join(folder, "project"));
    archives.set(hash, bytes);
    return { hash, sizeBytes: bytes.byteLength, root: "/nowhere", tradewind: undefined };
  };
  const unpacked = () => [...Deno.readDirSync(join(folder, "code"))].map(({ name }) => name);
  try {
    await test({ versions, inUse, codeOf, unpacked });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("CodeVersions prepares a version once for all who ask, and finds it from then on", () =>
  withVersions(async ({ versions, codeOf, unpacked }) => {
    const code = await codeOf("1");
    assertEquals(versions.find(code), undefined);
    const leasing = [versions.lease(code), versions.lease(code)];
    assertEquals(versions.preparing, [code.hash]);
    const [a, b] = await Promise.all(leasing);
    assertEquals(a!.environment, b!.environment);
    assertEquals([versions.preparing, unpacked()], [[], [code.hash]]);
    assertEquals(versions.find(code), a!.environment);
  }));

Deno.test("CodeVersions removes the least recently used version, but none that is leased or that executors run", () =>
  withVersions(async ({ versions, inUse, codeOf, unpacked }) => {
    const codes = [];
    for (let i = 0; i < 12; i++) codes.push(await codeOf(`export const i = ${i};`));
    const hashes = codes.map(({ hash }) => hash);
    inUse.add(hashes[0]!);
    const held = await versions.lease(codes[1]!);
    for (const code of codes.slice(0, 8)) (await versions.lease(code))[Symbol.dispose]();
    // Used again: the one after it is older now.
    (await versions.lease(codes[2]!))[Symbol.dispose]();
    for (const code of codes.slice(8)) (await versions.lease(code))[Symbol.dispose]();
    const stay = [0, 1, 2, 7, 8, 9, 10, 11].map((i) => hashes[i]!);
    assertEquals(unpacked().toSorted(), stay.toSorted());
    held[Symbol.dispose]();
  }));

Deno.test("CodeVersions tries again what it could not prepare, and names the node and the code", () =>
  withVersions(async ({ versions, codeOf, unpacked }) => {
    const missing = { hash: "0".repeat(64), sizeBytes: 1, root: "/nowhere", tradewind: undefined };
    for (let i = 0; i < 2; i++) {
      const failed = () => versions.lease(missing);
      await assertRejects(failed, NotPreparedError, `code ${missing.hash} on this node`);
    }
    assertEquals(unpacked(), []);
    await versions.lease(await codeOf("1"));
    assertEquals(unpacked().length, 1);
  }));
