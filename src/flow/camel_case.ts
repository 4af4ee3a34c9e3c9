/** A name as an export would be called: `build-returns` is `buildReturns`. */
export function toCamelCase(name: string): string {
  const [first = "", ...others] = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const capitalised = others.map((word) => word[0]!.toUpperCase() + word.slice(1));
  return first.slice(0, 1).toLowerCase() + first.slice(1) + capitalised.join("");
}
