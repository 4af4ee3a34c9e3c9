import { AsyncLocalStorage } from "node:async_hooks";
import type { ParsedFlags } from "../flags.ts";

/** Flags of a command that say where it computes, by name. */
export type PlaceFlags = Readonly<Record<string, string>>;

/** The flags that say where a command computes. */
export const PLACE_FLAGS: readonly string[] = ["workers", "head", "token-file", "cluster"];

const places = new AsyncLocalStorage<PlaceFlags>();

/** Where a command computes that was called with these flags. */
export function placeOf({ flags }: ParsedFlags): PlaceFlags {
  return Object.fromEntries(PLACE_FLAGS.flatMap((name) => {
    const value = flags.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** Calls a function, and all that it starts, as a part of a command that computes there. */
export function callInPlace<R>(place: PlaceFlags, fn: () => R): R {
  return places.run(place, fn);
}

/** Where the command computes that the calling code is a part of; empty where nobody said. */
export function currentPlace(): PlaceFlags {
  return places.getStore() ?? {};
}
