import { hashOfPrices, selectPrices } from "./audit.ts";
import type { CalendarId } from "../quant/calendars/session_calendar.ts";
import type { ProductionContext } from "./context.ts";
import { copyArtifact } from "./tasks/artifact_store.ts";
import { buildReturns, type ReturnsMatrix } from "./tasks/build_returns.ts";

/** The returns matrix of the run, also as a file of its folder. */
export function computeReturns(
  context: ProductionContext,
  symbols: readonly string[],
  calendar: CalendarId,
): Promise<ReturnsMatrix> {
  const { stages, trail, folders, run } = context;
  const prices = selectPrices(context, symbols);
  return stages.run("returns", undefined, () =>
    trail.record({
      step: "returns",
      context: { symbols: symbols.length, calendar },
      inputs: { prices: hashOfPrices(prices) },
      run: async () => {
        const matrix = await buildReturns(prices, calendar, folders.store);
        await copyArtifact(folders.store, matrix.artifact, run.returns);
        return matrix;
      },
      outputs: ({ hash, artifact, calendar }) => ({
        returns: hash,
        file: artifact.sha256,
        calendar,
      }),
    }), ({ panel }) => `${panel.timestampsS.length} rows × ${panel.symbols.length} symbols`);
}
