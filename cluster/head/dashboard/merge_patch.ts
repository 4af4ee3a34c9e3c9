/** What JSON can hold, without null: in a patch null says that a field is gone. */
export type Plain = string | number | boolean | readonly Plain[] | {
  readonly [key: string]: Plain;
};

/** A change of a {@linkcode Plain} value after RFC 7386 (JSON Merge Patch). */
export type Patch = Plain | null | { readonly [key: string]: Patch };

/** PURE: the merge patch that turns one value into another; undefined when they are equal. Lists are replaced as a whole,
 * so what changes a little at a time should be an object by id.
 * Source: RFC 7386, section 2. */
export function patchBetween(before: Plain, after: Plain): Patch | undefined {
  if (!isObject(before) || !isObject(after)) return isEqual(before, after) ? undefined : after;
  const patch: Record<string, Patch> = Object.create(null);
  let isChanged = false;
  for (const key of Object.keys(before)) {
    if (Object.hasOwn(after, key)) continue;
    patch[key] = null;
    isChanged = true;
  }
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    const change = old === undefined ? value : patchBetween(old, value);
    if (change === undefined) continue;
    patch[key] = change;
    isChanged = true;
  }
  return isChanged ? patch : undefined;
}

/** PURE: a value with a patch applied. What the patch does not touch is shared with the value before. */
export function applyPatch(value: Plain, patch: Patch): Plain {
  if (!isObject(patch)) return patch as Plain;
  // Without a prototype every key is one of its own, `__proto__` too.
  const result: Record<string, Plain> = Object.create(null);
  if (isObject(value)) { for (const [key, item] of Object.entries(value)) result[key] = item; }
  for (const [key, change] of Object.entries(patch as Record<string, Patch>)) {
    if (change === null) delete result[key];
    else result[key] = applyPatch(result[key] ?? {}, change);
  }
  return result;
}

function isObject(value: unknown): value is { readonly [key: string]: Plain } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEqual(a: Plain, b: Plain): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b);
}
