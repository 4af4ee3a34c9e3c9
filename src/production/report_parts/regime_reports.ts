import { sha256Hex } from "../../base/hash.ts";
import { encodeValue } from "../../base/value_codec.ts";
import type { SharedValue } from "../../flow/mod.ts";
import type { Panel } from "../../quant/panel.ts";
import type { WalkForwardWindow } from "../../quant/walk_forward/walk_forward_windows.ts";
import type { RegimeReport } from "../../report/mod.ts";
import type { ProductionContext } from "../context.ts";
import { readRegimes } from "../tasks/read_regimes.ts";

/** The market as it stood when each window was decided. */
export async function regimeReports(
  { trail }: Pick<ProductionContext, "trail">,
  returns: SharedValue<Panel>,
  windows: readonly WalkForwardWindow[],
  periodsPerYear: number,
): Promise<RegimeReport[]> {
  const trains = windows.map(({ trainFrom, trainTo }) => ({ from: trainFrom, to: trainTo }));
  const readings = await trail.record({
    step: "regime",
    context: { windows: windows.length },
    inputs: { returns: returns.hash },
    run: () => readRegimes(trains, returns, periodsPerYear),
    outputs: (readings) => ({
      readings: sha256Hex(encodeValue(readings)),
      quadrants: readings.map((reading) => reading?.quadrant ?? null),
    }),
  });
  return windows.map(({ testFrom }, i) => ({
    testStartS: returns.value.timestampsS[testFrom],
    reading: readings[i],
  }));
}
