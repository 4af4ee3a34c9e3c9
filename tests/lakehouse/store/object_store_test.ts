import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { sha256Hex } from "../../../src/base/hash.ts";
import { LocalStore } from "../../../src/lakehouse/store/local_store.ts";
import { checkKey, type ObjectStore } from "../../../src/lakehouse/store/object_store.ts";
import { parseS3Url } from "../../../src/lakehouse/store/s3_location.ts";
import { S3Store } from "../../../src/lakehouse/store/s3_store.ts";
import { testWithS3, withClient } from "../s3/servers.ts";

const MIB = 2 ** 20;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** 12 MiB that differ everywhere. */
function bigBytes(): Uint8Array {
  return Uint8Array.from({ length: 12 * MIB + 17 }, (_, i) => (i * 2654435761) >>> 13);
}

/** What every store must do. */
async function checkStore(store: ObjectStore): Promise<void> {
  assertEquals(await store.get("a/none"), undefined);
  assertEquals(await store.getRange("a/none", 0, 3, () => {}), undefined);

  await store.put("a/one", bytesOf("first"));
  await store.put("a/two", bytesOf("second"));
  await store.put("a/empty", new Uint8Array());
  await store.put("b/three", bytesOf("third"));
  assertEquals((await store.get("a/one"))?.bytes, bytesOf("first"));
  assertEquals((await store.get("a/empty"))?.bytes, new Uint8Array());
  assertEquals(await store.getRange("a/two", 1, 4, () => {}), bytesOf("eco"));
  assertEquals(await store.getRange("a/two", 2, 2, () => {}), new Uint8Array());
  await assertRejects(() => store.getRange("a/two", 4, 9, () => {}), Error, "a/two");

  const listed = (await Array.fromAsync(store.list("a/"))).sort((x, y) => x.key < y.key ? -1 : 1);
  assertEquals(listed.map(({ key, sizeBytes }) => [key, sizeBytes]), [
    ["a/empty", 0],
    ["a/one", 5],
    ["a/two", 6],
  ]);
  assert(listed.every(({ modifiedMs }) => Math.abs(Date.now() - modifiedMs) < 600_000));

  const first = await store.swap("pointer", bytesOf("1"), null);
  assert(first !== undefined);
  assertEquals(await store.swap("pointer", bytesOf("x"), null), undefined, "there is one already");
  assertEquals((await store.get("pointer"))?.tag, first);
  const second = await store.swap("pointer", bytesOf("2"), first);
  assert(second !== undefined && second !== first);
  assertEquals(await store.swap("pointer", bytesOf("y"), first), undefined, "it was changed since");
  assertEquals((await store.get("pointer"))?.bytes, bytesOf("2"));

  await store.remove(["a/one", "a/none"]);
  await store.remove([]);
  assertEquals(await store.get("a/one"), undefined);
  assertEquals(await store.swap("a/one", bytesOf("z"), first), undefined, "what was seen is gone");
}

/** Of writers that all saw the same, one wins. */
async function checkRace(store: ObjectStore): Promise<void> {
  let tag: string | null = null;
  for (let round = 0; round < 3; round++) {
    const seen: string | null = tag;
    const tags = await Promise.all(
      Array.from({ length: 6 }, (_, i) => store.swap("race", bytesOf(`${round}.${i}`), seen)),
    );
    const won: (string | undefined)[] = tags.filter((one) => one !== undefined);
    assertEquals(won.length, 1);
    tag = won[0] ?? null;
    assertEquals((await store.get("race"))?.tag, tag);
  }
}

Deno.test("LocalStore keeps, lists, swaps and removes objects", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await checkStore(new LocalStore(`${dir}/lake`));
    await checkRace(new LocalStore(`${dir}/lake`));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

testWithS3(
  "S3Store keeps, lists, swaps and removes objects, and of writers in a race one wins",
  async (server) => {
    await withClient(server, async (client) => {
      await checkStore(new S3Store(client, { bucket: server.bucket, prefix: "some/prefix/" }));
      await checkRace(new S3Store(client, { bucket: server.bucket, prefix: "" }));
    });
  },
);

testWithS3("S3Store moves a big object in parts and ranges, with its SHA-256", async (server) => {
  await withClient(server, async (client) => {
    const store = new S3Store(client, { bucket: server.bucket, prefix: "" }, 5 * MIB);
    const bytes = bigBytes();
    await store.put("big", bytes);
    const found = await store.get("big");
    assertEquals(sha256Hex(found!.bytes), sha256Hex(bytes));
    assertEquals(
      await store.getRange("big", 6 * MIB, 6 * MIB + 3, () => {}),
      bytes.slice(6 * MIB, 6 * MIB + 3),
    );
  });
});

testWithS3("S3Store says what to check when the bucket does not exist", async (server) => {
  await withClient(server, async (client) => {
    const store = new S3Store(client, { bucket: "no-such-bucket", prefix: "" });
    const error = await assertRejects(() => store.put("k", bytesOf("x")), UserError);
    assertEquals(error.message.startsWith("Cannot write s3://no-such-bucket/k: "), true);
    assert(error.hint?.includes("credentials"));
  });
});

Deno.test("checkKey() lets no name leave the store", () => {
  for (const key of ["a", "a/b.c-d~e_f", "..a/b..", ".lock"]) assertEquals(checkKey(key), key);
  const hostile = [
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    "./a",
    "a/.",
    "a\\b",
    "a b",
    "a\n",
    "ä",
  ];
  for (const key of [...hostile, "a?b", "C:", "x".repeat(901), "a\0b", "%2e%2e/a"]) {
    assertThrows(() => checkKey(key), UserError, "as the key of an object");
  }
});

Deno.test("parseS3Url() reads a bucket and a prefix, and refuses what is no URL of S3", () => {
  assertEquals(parseS3Url("s3://lake"), { bucket: "lake", prefix: "" });
  assertEquals(parseS3Url("s3://lake/"), { bucket: "lake", prefix: "" });
  assertEquals(parseS3Url("s3://my.lake/a/b"), { bucket: "my.lake", prefix: "a/b/" });
  for (const url of ["", "lake", "s3://", "s3:///a", "https://lake/a", "s3://UPPER/a", "s3://l"]) {
    assertThrows(() => parseS3Url(url), UserError, "s3://BUCKET/PREFIX is expected");
  }
});
