import { join } from "@std/path";
import { type Genesis, openLedger } from "../../src/ledger/mod.ts";

/** What the ledgers of these tests begin with. */
export const GENESIS: Genesis = {
  runId: "run-1",
  profile: "crypto",
  versions: { tradewind: "0.1.0" },
  manifestHash: "a".repeat(64),
  lockHash: "b".repeat(64),
  gitHash: null,
};

/** A path for a ledger, in a folder that is gone afterwards. */
export async function inFolder(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(join(folder, "audit.jsonl"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A genesis, then an optimisation a window and profile, each with its outcome: 1 + 4 * windows records. */
export async function writeOptimisations(path: string, windows: number): Promise<void> {
  using ledger = await openLedger(path, GENESIS, { clock: { nowMs: () => 1_000 } });
  for (let window = 0; window < windows; window++) {
    for (const profile of ["hrp", "équal"]) {
      const token = ledger.intent("optimise", { window, engine: "flat", profile }, {
        returns: "r",
      });
      const outputs = { weights: { AAPL: 1 / (window + 3), XOM: 1e-7 } };
      ledger.outcome(token, { status: window === 1 ? "cached" : "completed", outputs });
    }
  }
}
