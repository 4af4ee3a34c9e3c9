import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { join } from "@std/path";
import { ArchiveError, packArchive, readArchive } from "../../../cluster/code/archive.ts";
import type { ArchiveFile } from "../../../cluster/code/archive.ts";
import { unpackArchive } from "../../../cluster/code/unpack_archive.ts";

const LIMITS = { maxBytes: 1_000_000, maxFiles: 1_000 };

function file(path: string, text = "x", isExecutable = false): ArchiveFile {
  return { path, content: new TextEncoder().encode(text), isExecutable };
}

/** An archive whose only header was changed, with a checksum that fits. */
function withHeader(change: (header: Uint8Array) => void): Uint8Array {
  const archive = packArchive([file("name")]);
  const header = archive.subarray(0, 512);
  change(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return archive;
}

function named(path: string): Uint8Array {
  return withHeader((header) => {
    header.fill(0, 0, 100);
    header.set(new TextEncoder().encode(path));
  });
}

const paths = fc.uniqueArray(
  fc.array(fc.stringMatching(/^[a-z0-9é_.-]{1,40}$/), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map((part) => `_${part}`).join("/")),
  { maxLength: 20 },
).filter((all) => !all.some((a) => all.some((b) => b.startsWith(`${a}/`))));

Deno.test("packArchive() gives equal bytes for equal files in any order, and readArchive() gives them back", () => {
  fc.assert(fc.property(paths, fc.uint8Array({ maxLength: 2_000 }), (all, content) => {
    const files = all.map((path, i) => ({ path, content, isExecutable: i % 2 === 0 }));
    const archive = packArchive(files);
    assertEquals(packArchive(files.toReversed()), archive);
    const byPath = (a: ArchiveFile, b: ArchiveFile) => a.path < b.path ? -1 : 1;
    assertEquals(readArchive(archive, LIMITS), files.toSorted(byPath));
  }));
});

Deno.test("an archive can be unpacked by tar, with paths longer than 100 bytes", async () => {
  const folder = await Deno.makeTempDir();
  const long = `${"folder/".repeat(20)}${"n".repeat(90)}.ts`;
  await Deno.writeFile(
    join(folder, "a.tar"),
    packArchive([file(long, "long"), file("run", "r", true)]),
  );
  const { success } = await new Deno.Command("tar", { args: ["xf", "a.tar"], cwd: folder })
    .output();
  assertEquals(success, true);
  assertEquals(await Deno.readTextFile(join(folder, long)), "long");
  assertEquals((await Deno.stat(join(folder, "run"))).mode! & 0o777, 0o755);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("packArchive() refuses what it could not give back", () => {
  assertThrows(() => packArchive([file("a"), file("a")]), RangeError, "comes twice");
  assertThrows(() => packArchive([file("../a")]), RangeError, "leads upwards");
  assertThrows(() => packArchive([file("n".repeat(101))]), RangeError, "do not fit");
});

Deno.test("readArchive() refuses paths that lead out, and everything but regular files", () => {
  for (const path of ["/etc/passwd", "../up", "a/../../up", "a//b", "./a", "a/", "a\\b", "a\nb"]) {
    assertThrows(() => readArchive(named(path), LIMITS), ArchiveError, JSON.stringify(path));
  }
  // Hard link, symbolic link, device, folder, pipe, extended header.
  for (const type of "123456gx") {
    const archive = withHeader((header) => header[156] = type.charCodeAt(0));
    assertThrows(() => readArchive(archive, LIMITS), ArchiveError, "no regular file");
  }
});

Deno.test("readArchive() refuses a path that comes twice or is both file and folder, whichever comes first", () => {
  const [a, inner] = [packArchive([file("a")]), packArchive([file("a/b")])];
  const join = (...parts: Uint8Array[]) =>
    new Uint8Array(
      parts.flatMap((part) => [...part.subarray(0, 1024)]).concat(Array(1024).fill(0)),
    );
  assertThrows(() => readArchive(join(a, a), LIMITS), ArchiveError, "comes twice");
  assertThrows(() => readArchive(join(a, inner), LIMITS), ArchiveError, "is a file as well");
  assertThrows(() => readArchive(join(inner, a), LIMITS), ArchiveError, "is a folder as well");
});

Deno.test("readArchive() refuses damage, early ends and more than the limits", () => {
  const archive = packArchive([file("a", "text"), file("b", "text")]);
  const damaged = archive.slice();
  damaged[3]!++;
  assertThrows(() => readArchive(damaged, LIMITS), ArchiveError, "wrong checksum");
  assertThrows(() => readArchive(archive.subarray(0, 512), LIMITS), ArchiveError, "middle of");
  assertThrows(
    () => readArchive(archive.subarray(0, 1024), LIMITS),
    ArchiveError,
    "ends in the middle",
  );
  assertThrows(() => readArchive(archive, { ...LIMITS, maxFiles: 1 }), ArchiveError, "1 files");
  assertThrows(() => readArchive(archive, { ...LIMITS, maxBytes: 7 }), ArchiveError, "7 bytes");
  assertThrows(() => readArchive(new Uint8Array(2048).fill(65), LIMITS), ArchiveError);
});

Deno.test("unpackArchive() writes all or nothing, and leaves nothing half done", async () => {
  const folder = await Deno.makeTempDir();
  const good = packArchive([file("lib/a.ts", "a"), file("run.sh", "r", true)]);
  assertEquals(await unpackArchive(good, join(folder, "good"), LIMITS), 2);
  assertEquals(await Deno.readTextFile(join(folder, "good/lib/a.ts")), "a");
  assertEquals((await Deno.stat(join(folder, "good/run.sh"))).mode! & 0o777, 0o755);
  assertEquals((await Deno.stat(join(folder, "good/lib/a.ts"))).mode! & 0o777, 0o644);
  let refused: unknown;
  await unpackArchive(named("../up"), join(folder, "bad"), LIMITS).catch((error) =>
    refused = error
  );
  assertEquals(refused instanceof ArchiveError, true);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["good"]);
  await Deno.remove(folder, { recursive: true });
});
