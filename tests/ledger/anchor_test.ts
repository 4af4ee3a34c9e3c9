import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import {
  type AnchoredHead,
  anchorLedger,
  findAnchorConflict,
  type LedgerAnchor,
  openLedger,
  verifyLedger,
} from "../../src/ledger/mod.ts";
import { GENESIS, inFolder, writeOptimisations } from "./ledger_files.ts";

class KeptHeads implements LedgerAnchor {
  readonly heads: AnchoredHead[] = [];

  put(head: AnchoredHead): Promise<void> {
    this.heads.push(head);
    return Promise.resolve();
  }

  list(): Promise<AnchoredHead[]> {
    return Promise.resolve(this.heads);
  }
}

Deno.test("a ledger that goes on agrees with every head that was kept of it", async () => {
  await inFolder(async (path) => {
    const anchor = new KeptHeads();
    await writeOptimisations(path, 1);
    const head = await anchorLedger(path, anchor, 0);
    assertEquals([head.runId, head.records, head.anchoredAt], [
      "run-1",
      5,
      "1970-01-01T00:00:00.000Z",
    ]);
    await writeOptimisations(path, 2);
    await anchorLedger(path, anchor, 1_000);
    (await openLedger(path, GENESIS)).close();
    assertEquals(anchor.heads.map(({ records }) => records), [5, 14]);
    assertEquals(await findAnchorConflict(path, anchor.heads), undefined);
  });
});

Deno.test("findAnchorConflict() sees what the chain alone cannot: records cut off, and a chain written anew", async () => {
  await inFolder(async (path) => {
    const anchor = new KeptHeads();
    await writeOptimisations(path, 2);
    await anchorLedger(path, anchor, 0);
    const lines = (await Deno.readTextFile(path)).split("\n");
    await Deno.writeTextFile(path, `${lines.slice(0, 7).join("\n")}\n`);
    assertEquals((await verifyLedger(path)).ok, true);
    assertEquals(
      await findAnchorConflict(path, anchor.heads),
      "it has 7 records, at 1970-01-01T00:00:00.000Z it had 9: the rest was cut off",
    );
    await Deno.remove(path);
    using ledger = await openLedger(path, { ...GENESIS, profile: "other" });
    for (let i = 0; i < 9; i++) ledger.intent("optimise", {}, {});
    ledger.flush();
    assertStringIncludes(await findAnchorConflict(path, anchor.heads) ?? "", "it was written anew");
  });
});

Deno.test("anchorLedger() keeps nothing of a ledger that is empty or broken", async () => {
  await inFolder(async (path) => {
    const anchor = new KeptHeads();
    await Deno.writeTextFile(path, "");
    await assertRejects(() => anchorLedger(path, anchor, 0), UserError, "it is empty");
    await Deno.writeTextFile(path, "{}\n");
    await assertRejects(() => anchorLedger(path, anchor, 0), UserError, "line 1 is bad");
    assertEquals(anchor.heads, []);
  });
});
