import { assertEquals } from "@std/assert";
import { describePrices, type PriceSource } from "../../src/lakehouse/prices/price_source.ts";
import type { Prices } from "../../src/lakehouse/price_files/read_prices.ts";
import { openLedger } from "../../src/ledger/mod.ts";
import { DEFAULTS } from "../../src/manifest/config.ts";
import { AuditTrail } from "../../src/production/audit_trail.ts";
import type { ProductionContext } from "../../src/production/context.ts";
import { fetch } from "../../src/production/fetch.ts";
import { outputFolders, RunFolder } from "../../src/production/run_folder.ts";
import { StageClock } from "../../src/production/stage_clock.ts";

const CLOCK = { nowMs: () => 0 };

/** Describes the price file, then fetches it, as the start of a run does. */
async function startRun(root: string): Promise<{ wasRead: boolean; written: number }> {
  const folders = outputFolders(root);
  const run = new RunFolder(folders, "r");
  const path = `${root}/prices.csv`;
  let prices: Prices | undefined;
  const source: PriceSource = await describePrices(
    folders.lakehouse,
    path,
    (read) => prices = read,
  );
  using ledger = await openLedger(run.ledger, {
    runId: run.runId,
    profile: "p",
    versions: {},
    manifestHash: "m",
    lockHash: "l",
    gitHash: null,
  });
  const context: ProductionContext = {
    config: {
      ...DEFAULTS,
      profileName: "p",
      manifestPath: "manifest.jsonc",
      prices: path,
      synthetic: false,
      title: "p",
    },
    folders,
    run,
    source,
    prices,
    trail: new AuditTrail(ledger),
    stages: new StageClock(CLOCK, () => {}),
    clock: CLOCK,
  };
  const { written } = await fetch(context, source.symbols);
  return { wasRead: prices !== undefined, written };
}

Deno.test("a price file is read once; one whose description was lost, once more", async () => {
  const root = await Deno.makeTempDir();
  await Deno.writeTextFile(`${root}/prices.csv`, "date,A,B\n2024-01-02,1,2\n2024-01-03,1,2\n");
  assertEquals(await startRun(root), { wasRead: true, written: 2 });
  assertEquals(await startRun(root), { wasRead: false, written: 0 });
  await Deno.remove(`${root}/lakehouse/sources`, { recursive: true });
  assertEquals(await startRun(root), { wasRead: true, written: 0 });
  assertEquals(await startRun(root), { wasRead: false, written: 0 });
  await Deno.remove(root, { recursive: true });
});
