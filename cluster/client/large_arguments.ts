import { roughBytes } from "../objects/rough_size.ts";
import { encodeStored, isFrame } from "../objects/value_file.ts";
import { MAX_INLINE_BYTES } from "../protocol/limits.ts";
import { objectRef } from "../protocol/object_ref.ts";
import type { ObjectAccess, StoringObject } from "./object_access.ts";

/** Arguments of a call, the large ones among them replaced by references to objects. */
export interface StoredArguments {
  readonly args: readonly unknown[];
  readonly stored: readonly StoringObject[];
}

const NOTHING: readonly StoringObject[] = [];

/** Stores arguments that are too large for a message, as they are now, and dataframes of any size.
 * @throws {TypeError} naming the path of what is no plain data, from `args` */
export function storeLargeArguments(
  args: readonly unknown[],
  objects: ObjectAccess,
): StoredArguments {
  if (!args.some(isLarge)) return { args, stored: NOTHING };
  const stored: StoringObject[] = [];
  const replaced = args.map((arg, i) => {
    if (!isLarge(arg)) return arg;
    const object = objects.storeNow(encodeStored(arg, `args[${i}]`));
    stored.push(object);
    return objectRef(object);
  });
  return { args: replaced, stored };
}

function isLarge(value: unknown): boolean {
  return isFrame(value) || roughBytes(value, MAX_INLINE_BYTES) > MAX_INLINE_BYTES;
}
