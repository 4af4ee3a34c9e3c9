import { openLakehouse } from "../../lakehouse/lakehouse.ts";
import { panelHash, writePanelParquet } from "../../lakehouse/panel_parquet.ts";
import { readPanel } from "../../lakehouse/read_panel.ts";
import { task } from "../../flow/mod.ts";
import type { Panel } from "../../quant/panel.ts";
import { simpleReturns } from "../../quant/returns/simple_returns.ts";
import { type Artifact, hasArtifact, storeArtifact } from "./artifact_store.ts";
import type { PriceSelection } from "./audit_candidates.ts";

/** The returns matrix, its file and its hash: computed once, and passed on. */
export interface ReturnsMatrix {
  readonly panel: Panel;
  readonly hash: string;
  readonly storeDir: string;
  readonly artifact: Artifact;
}

/** Turns prices into the returns matrix. */
export const buildReturns = task(
  "build-returns",
  async (prices: PriceSelection, storeDir: string): Promise<ReturnsMatrix> => {
    const panel = simpleReturns(
      await readPanel(openLakehouse(prices.lakehouseDir), prices.symbols, prices),
    );
    const artifact = await storeArtifact(
      storeDir,
      ".parquet",
      (path) => writePanelParquet(path, panel),
    );
    return { panel, hash: panelHash(panel), storeDir, artifact };
  },
  {
    run: "local",
    module: import.meta.url,
    validate: ({ storeDir, artifact }) => hasArtifact(storeDir, artifact),
  },
);
