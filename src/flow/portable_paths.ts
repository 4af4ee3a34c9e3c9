/** Stands for the folder: no path begins so. */
const MARK = "\u0001folder";
/** What is nested deeper, or in itself, is left as it is: whoever encodes it refuses it with a better message. */
const MAX_DEPTH = 200;

/** A value in which the paths of a folder and of what lies in it are told from the folder on: so results of a store mean
 * the same after it was moved, or brought to another machine. What holds no such path is given back as it is.
 * @param folder absolute, without a slash at its end */
export function detachPaths<T>(value: T, folder: string): T {
  const inside = `${folder}/`;
  return mapTexts(
    value,
    (text) =>
      text === folder || text.startsWith(inside) ? `${MARK}${text.slice(folder.length)}` : text,
  ) as T;
}

/** The value that {@linkcode detachPaths} was given, as it is where the folder is now. */
export function attachPaths<T>(value: T, folder: string): T {
  return mapTexts(
    value,
    (text) => text.startsWith(MARK) ? `${folder}${text.slice(MARK.length)}` : text,
  ) as T;
}

/** A copy of the arrays and plain objects that lead to texts which change; all else as it is. */
function mapTexts(value: unknown, change: (text: string) => string, depth = 0): unknown {
  if (typeof value === "string") return change(value);
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    value.forEach((item, i) => {
      const changed = mapTexts(item, change, depth + 1);
      if (changed !== item) (copy ??= [...value])[i] = changed;
    });
    return copy ?? value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const changed = mapTexts(member, change, depth + 1);
    if (changed !== member) (copy ??= { ...value })[key] = changed;
  }
  return copy ?? value;
}
