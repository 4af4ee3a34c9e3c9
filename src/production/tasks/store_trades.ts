import { encodeParquet } from "../../lakehouse/parquet/parquet_codec.ts";
import type { Panel } from "../../quant/panel.ts";
import { TRADE_REASONS, type Trades } from "../../quant/simulators/trade_log.ts";
import { type MadeArtifact, makeArtifact } from "./artifact_store.ts";

/** Writes trades into the store as a table: timestamp, symbol, shares (negative when sold), price (slippage included),
 * commission, reason; in the order in which they were done. */
export async function storeTrades(
  { rows, cols, shares, prices, commissions, reasons }: Trades,
  { timestampsS, symbols }: Pick<Panel, "timestampsS" | "symbols">,
  storeDir: string,
): Promise<MadeArtifact> {
  const file = await encodeParquet([
    {
      name: "timestamp",
      dtype: "timestamp",
      values: Float64Array.from(rows, (row) => timestampsS[row]),
    },
    { name: "symbol", dtype: "utf8", values: Array.from(cols, (col) => symbols[col]) },
    { name: "shares", dtype: "f64", values: shares },
    { name: "price", dtype: "f64", values: prices },
    { name: "commission", dtype: "f64", values: commissions },
    {
      name: "reason",
      dtype: "utf8",
      values: Array.from(reasons, (reason) => TRADE_REASONS[reason]),
    },
  ]);
  return await makeArtifact(storeDir, ".parquet", file);
}
