import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { ProductionConfig } from "../../src/manifest/config.ts";
import { loadManifest, manifestHash } from "../../src/manifest/load_manifest.ts";
import { scan, type ScannerConfig } from "../../src/manifest/sources_config.ts";

async function load(layer: Record<string, unknown>): Promise<ProductionConfig> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/m.json`;
    const profiles = { p: { prices: "lake", ...layer } };
    await Deno.writeTextFile(path, JSON.stringify({ default_profile: "p", profiles }, null, 1));
    const config = await loadManifest(path, {
      engines: ["clustered"],
      profiles: [],
      simulators: [],
      metaProfiles: [],
    });
    return JSON.parse(JSON.stringify(config).replaceAll(folder, "/m"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertRefused(layer: Record<string, unknown>, ...parts: string[]): Promise<void> {
  const { message, hint } = await assertRejects(() => load(layer), UserError);
  for (const part of parts) assertStringIncludes(`${message} ${hint}`, part);
}

Deno.test("sources and scanners are read; patterns of files are of the manifest's folder", async () => {
  const sources = { eod: { type: "files", files: "eod/*.csv" }, coins: { type: "binance" } };
  const config = await load({ sources, discovery: { scanners: [{ source: "coins", max: 3 }] } });
  assertEquals(
    config.sources,
    { ...sources, eod: { type: "files", files: "/m/eod/*.csv" } } as never,
  );
  assertEquals(config.discovery.scanners, [{ source: "coins", max: 3 }]);
  const moved = { ...config, sources: {} };
  assertEquals(manifestHash(moved), manifestHash(config), "a run does not depend on its sources");
});

Deno.test("what is wrong with a source or a scanner is named with its place", async () => {
  await assertRefused(
    { sources: { a: { type: "ftp" } } },
    "profiles.p.sources.a",
    "yahoo or files",
  );
  await assertRefused({ sources: { a: { type: "binance", url: "ftp://x" } } }, "sources.a.url");
  await assertRefused({ sources: { a: { type: "binance", urll: "x" } } }, "has no key", "urll");
  await assertRefused({ sources: { a: { type: "stooq", requests_per_second: 0 } } }, "above 0");
  await assertRefused({ discovery: { scanners: [] } }, "a list of scanners, not empty");
  await assertRefused(
    { sources: { coins: { type: "binance" } }, discovery: { scanners: [{ source: "coin" }] } },
    'the source "coin"',
    'Did you mean "coins"',
  );
});

Deno.test("a scanner takes named symbols in their order, others by what they trade", () => {
  const listed = [["A", "USD", 5], ["B", "USD", NaN], ["C", "EUR", 9], ["D", "USD", 7]] as const;
  const take = (scanner: Omit<ScannerConfig, "source">) =>
    scan(
      { source: "s", ...scanner },
      listed.map(([ticker, currency, volume24h]) => ({ ticker, currency, volume24h })),
    ).map(({ ticker }) => ticker).join("");
  assertEquals(take({}), "CDAB");
  assertEquals(take({ quote: "USD", max: 2 }), "DA");
  assertEquals(take({ symbols: ["B", "D", "X"] }), "BD");
  assertEquals(take({ min_volume_24h: 7, exclude: ["C"] }), "D");
});
