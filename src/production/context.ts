import type { Clock } from "../base/clock.ts";
import type { Turn } from "../base/turn.ts";
import type { PriceSource } from "../lakehouse/prices/price_source.ts";
import type { Prices } from "../lakehouse/price_files/read_prices.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import type { AuditTrail } from "./audit_trail.ts";
import type { OutputFolders, RunFolder } from "./run_folder.ts";
import type { StageClock } from "./stage_clock.ts";

/** What every stage of a production run can lay its hands on. */
export interface ProductionContext {
  readonly config: ProductionConfig;
  readonly folders: OutputFolders;
  readonly run: RunFolder;
  readonly source: PriceSource;
  /** The content of the price file, where it has been read already. */
  readonly prices: Prices | undefined;
  readonly trail: Pick<AuditTrail, "record" | "headHash">;
  readonly stages: StageClock;
  readonly clock: Clock;
  /** Taken while the lakehouse is written and read, where other runs of this process do so at the same time: two price
   * files may have a symbol in common. */
  readonly lakehouseTurn?: Turn;
}
