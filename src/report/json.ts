import type { ReportModel } from "./model/report_model.ts";

/** The model as indented JSON with a final newline. Numbers stay numbers, NaN and ±Infinity become `null`, and a list
 * without lists or objects in it takes one line. */
export function renderJson(model: ReportModel): string {
  return `${write(model, "")}\n`;
}

function write(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object" || item === null)) {
      return JSON.stringify(value);
    }
    return `[\n${value.map((item) => inner + write(item, inner)).join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${inner}${JSON.stringify(key)}: ${write(member, inner)}`);
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}
