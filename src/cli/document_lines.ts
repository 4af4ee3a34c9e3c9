import { tableLines } from "./table_lines.ts";

type Plain = null | boolean | number | string | readonly Plain[] | {
  readonly [name: string]: Plain;
};
type Members = { readonly [name: string]: Plain };

const NOTHING = "–";
/** Values of a list that stand in one line. */
const MAX_LISTED = 8;

/** PURE: a document of JSON as lines for people: names and values, lists of objects as tables. Members whose name ends with
 * `AtMs` are times.
 * @param prefix the names that lead to it */
export function documentLines(document: Plain, prefix = ""): string[] {
  if (!isMembers(document)) return [cellText("", document)];
  const lists: string[] = [];
  const facts: string[][] = [];
  for (const [name, value] of Object.entries(document)) {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const rows = rowsOf(value);
    if (rows !== undefined) lists.push("", `${path} (${rows.length})`, ...rowLines(rows));
    else if (isMembers(value)) facts.push(...factsOf(value, path));
    else facts.push([path, cellText(name, value)]);
  }
  return [...tableLines(facts), ...lists];
}

function factsOf(members: Members, prefix: string): string[][] {
  return Object.entries(members).flatMap(([name, value]) => {
    const path = `${prefix}.${name}`;
    return isMembers(value) ? factsOf(value, path) : [[path, cellText(name, value)]];
  });
}

/** The objects of a list, or of an object of objects; undefined for anything else, and for what is empty. */
function rowsOf(value: Plain): readonly Members[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const items = Array.isArray(value) ? value : Object.values(value);
  return items.length > 0 && items.every(isMembers) ? items : undefined;
}

/** A table whose columns are what stands in one line; what does not is left to the document itself. */
function rowLines(rows: readonly Members[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) =>
    rows.every((row) => rowsOf(row[name] ?? null) === undefined)
  );
  const cells = rows.map((row) => names.map((name) => cellText(name, row[name] ?? null)));
  return tableLines([names, ...cells]);
}

function cellText(name: string, value: Plain): string {
  if (value === null || value === "") return NOTHING;
  if (typeof value === "number" && /(?:^a|A)tMs$/.test(name)) return new Date(value).toISOString();
  if (typeof value === "number") return String(Number(value.toFixed(3)));
  if (Array.isArray(value)) {
    const more = value.length > MAX_LISTED ? `, … ${value.length} in all` : "";
    return value.slice(0, MAX_LISTED).map((item) => cellText("", item)).join(", ") + more ||
      NOTHING;
  }
  if (isMembers(value)) {
    return Object.entries(value).map(([key, item]) => `${key} ${cellText(key, item)}`).join(", ") ||
      NOTHING;
  }
  return String(value).replaceAll(/\s*\n\s*/g, " ");
}

function isMembers(value: Plain): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
