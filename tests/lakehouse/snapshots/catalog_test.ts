import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import {
  appendVersion,
  type Catalog,
  decodeCatalog,
  EMPTY_CATALOG,
  encodeCatalog,
  findVersion,
} from "../../../src/lakehouse/snapshots/catalog.ts";
import { planCollection, retain } from "../../../src/lakehouse/snapshots/retention.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.parse("2026-01-01T00:00:00.000Z");

/** Versions 1 to `n`, a day apart. */
function daily(n: number): Catalog {
  let catalog = EMPTY_CATALOG;
  for (let i = 0; i < n; i++) {
    catalog = appendVersion(catalog, {
      committedAt: new Date(START_MS + i * DAY_MS).toISOString(),
      commit: `c${i + 1}`,
      manifest: `versions/${i + 1}.json`,
      sha256: "a".repeat(64),
      tables: i,
      note: "",
    });
  }
  return catalog;
}

const versionsOf = ({ versions }: Catalog) => versions.map(({ version }) => version);

Deno.test("findVersion() travels by number and by time, and says what there is", () => {
  const catalog = daily(4);
  assertEquals(findVersion(catalog, "lake")?.version, 4);
  assertEquals(findVersion(catalog, "lake", { version: 2 })?.commit, "c2");
  const noonOfDay2 = START_MS + 1.5 * DAY_MS;
  assertEquals(findVersion(catalog, "lake", { atMs: noonOfDay2 })?.version, 2);
  assertEquals(findVersion(EMPTY_CATALOG, "lake"), undefined);
  const gone = assertThrows(() => findVersion(catalog, "lake", { version: 9 }), UserError);
  assertEquals(gone.message, "Cannot find version 9 in the lakehouse lake");
  assertEquals(gone.hint?.startsWith("It has version 1 (2026-01-01T"), true);
  assertThrows(() => findVersion(catalog, "lake", { atMs: START_MS - 1 }), UserError, "or before");
});

Deno.test("decodeCatalog() gives what encodeCatalog() wrote, and refuses everything else", () => {
  const catalog = { ...daily(3), collections: 2 };
  assertEquals(decodeCatalog(encodeCatalog(catalog), "lake"), catalog);
  const text = new TextDecoder().decode(encodeCatalog(catalog));
  const broken = [
    "",
    "{}",
    text.slice(0, -20),
    text.replace('"version":2', '"version":1'),
    text.replace("versions/2.json", "../2.json"),
    text.replace("versions/2.json", "versions/a/../../x"),
  ];
  for (const one of broken) {
    const decode = () => decodeCatalog(new TextEncoder().encode(one), "lake/catalog.json");
    assertThrows(decode, UserError, "Cannot read the lakehouse catalog lake/catalog.json");
  }
});

Deno.test("retain() keeps the newest versions, and those that were the newest one lately", () => {
  const nowMs = START_MS + 9.5 * DAY_MS;
  const retention = { keepVersions: 1, keepMs: 2 * DAY_MS, graceMs: 0 };
  // Version 8 was the newest until day 8: that is 1.5 days ago.
  assertEquals(versionsOf(retain(daily(10), retention, nowMs)), [8, 9, 10]);
  assertEquals(versionsOf(retain(daily(10), { ...retention, keepVersions: 5 }, nowMs)), [
    6,
    7,
    8,
    9,
    10,
  ]);
  const nothing = { keepVersions: 0, keepMs: 0, graceMs: 0 };
  assertEquals(versionsOf(retain(daily(10), nothing, nowMs)), [10], "the newest one always stays");
  assertEquals(versionsOf(retain(EMPTY_CATALOG, nothing, nowMs)), []);
});

Deno.test("planCollection() takes what no version names once its grace is over", () => {
  const listed = ["a", "b", "c"].map((key, i) => ({ key, sizeBytes: 1, modifiedMs: i * 100 }));
  const plan = (nowMs: number) =>
    planCollection(new Set(["a"]), listed, { keepVersions: 1, keepMs: 0, graceMs: 50 }, nowMs)
      .map(({ key }) => key);
  assertEquals(plan(100), []);
  assertEquals(plan(151), ["b"]);
  assertEquals(plan(251), ["b", "c"]);
});
