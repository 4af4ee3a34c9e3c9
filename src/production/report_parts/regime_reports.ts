import type { SharedValue } from "../../flow/mod.ts";
import type { Panel } from "../../quant/panel.ts";
import type { WalkForwardWindow } from "../../quant/walk_forward/walk_forward_windows.ts";
import type { RegimeReport } from "../../report/mod.ts";
import { readRegimes } from "../tasks/read_regimes.ts";

/** The market as it stood when each window was decided. */
export async function regimeReports(
  returns: SharedValue<Panel>,
  windows: readonly WalkForwardWindow[],
  periodsPerYear: number,
): Promise<RegimeReport[]> {
  const trains = windows.map(({ trainFrom, trainTo }) => ({ from: trainFrom, to: trainTo }));
  const readings = await readRegimes(trains, returns, periodsPerYear);
  return windows.map(({ testFrom }, i) => ({
    testStartS: returns.value.timestampsS[testFrom],
    reading: readings[i],
  }));
}
