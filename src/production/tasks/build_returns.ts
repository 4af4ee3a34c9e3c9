import { panelHash, writePanelParquet } from "../../lakehouse/parquet/panel_parquet.ts";
import { withLakehouse } from "../../lakehouse/place.ts";
import { readPanel } from "../../lakehouse/prices/read_panel.ts";
import { task } from "../../flow/mod.ts";
import type { CalendarId } from "../../quant/calendars/session_calendar.ts";
import type { Panel } from "../../quant/panel.ts";
import { compoundToSessions } from "../../quant/returns/compound_to_sessions.ts";
import { universeSessions } from "../../quant/returns/session_rows.ts";
import { simpleReturns } from "../../quant/returns/simple_returns.ts";
import { type Artifact, hasArtifact, storeArtifact } from "./artifact_store.ts";
import type { PriceSelection } from "./audit_candidates.ts";

/** The returns matrix, its file and its hash: computed once, and passed on. */
export interface ReturnsMatrix {
  readonly panel: Panel;
  /** The calendar of its rows: the exchange's, when stocks are among coins. */
  readonly calendar: CalendarId;
  readonly hash: string;
  readonly storeDir: string;
  readonly artifact: Artifact;
}

/** Turns prices into the returns matrix. In a mixed universe the rows are the sessions of the exchange, and what moves
 * between them is compounded into the next one. */
export const buildReturns = task(
  "build-returns",
  async (
    prices: PriceSelection,
    datesFollow: CalendarId,
    storeDir: string,
  ): Promise<ReturnsMatrix> => {
    const closes = await withLakehouse(
      prices.lakehouse,
      (lake) => readPanel(lake, prices.symbols, prices),
      prices,
    );
    const { calendar, rows } = universeSessions(closes, datesFollow);
    // Row t of returns is the move to row t + 1 of prices.
    const sessions = rows.filter((row) => row > 0).map((row) => row - 1);
    const panel = compoundToSessions(simpleReturns(closes), sessions);
    const artifact = await storeArtifact(
      storeDir,
      ".parquet",
      (path) => writePanelParquet(path, panel),
    );
    return { panel, calendar, hash: panelHash(panel), storeDir, artifact };
  },
  {
    run: "local",
    module: import.meta.url,
    validate: ({ storeDir, artifact }) => hasArtifact(storeDir, artifact),
  },
);
