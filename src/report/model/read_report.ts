import { errorMessage, UserError } from "../../base/errors.ts";
import { REPORT_SCHEMA, type ReportModel } from "./report_model.ts";

/** Parts without which nothing can be drawn. */
const LISTS = [
  "candidates",
  "metricDescriptors",
  "health",
  "parameters",
  "contributors",
  "artifacts",
] as const;

/** Reads the text of a report.json.
 * @param origin where it comes from, for messages
 * @throws {UserError} for text that is no JSON, or not a report of the schema that this Tradewind writes */
export function readReport(text: string, origin: string): ReportModel {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError(
      "report/unreadable",
      `Cannot read ${origin}: it is no JSON: ${errorMessage(cause)}`,
      { cause },
    );
  }
  const report = (typeof value === "object" && value !== null ? value : {}) as Partial<ReportModel>;
  if (report.schema !== REPORT_SCHEMA) {
    throw new UserError(
      "report/unreadable",
      `Cannot read ${origin}: its schema is ${JSON.stringify(report.schema ?? null)}, ` +
        `this Tradewind knows ${REPORT_SCHEMA}`,
      { hint: "Run the profile again: what is in the cache is not computed anew." },
    );
  }
  const missing = LISTS.find((name) => !Array.isArray(report[name]));
  if (missing !== undefined) {
    throw new UserError("report/unreadable", `Cannot read ${origin}: it has no ${missing}`);
  }
  return report as ReportModel;
}
