import { task } from "../../flow/mod.ts";
import { type Charts, renderCharts } from "../../report/mod.ts";
import { type ReportInputs, reportModel } from "./report_model.ts";

/** Draws the charts of a report; they do not depend on the run that they are drawn for. */
export const drawCharts = task(
  "draw-charts",
  async (inputs: ReportInputs): Promise<Charts> => {
    const model = await reportModel(inputs, {
      runId: "",
      createdAt: "",
      ledgerHash: "",
      artifacts: [],
    });
    return await renderCharts(model);
  },
  { run: "local", module: import.meta.url },
);
