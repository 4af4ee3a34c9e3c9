import type { Patch, Plain } from "./merge_patch.ts";

/** What the page says: the target of a view, a path with its query. */
export type LiveRequest = { readonly watch: string } | { readonly leave: string };

/** What it hears: a document as it is, how it changed, or that there is none. */
export type LiveNews =
  | { readonly target: string; readonly value: Plain }
  | { readonly target: string; readonly patch: Patch }
  | {
    readonly target: string;
    readonly error: { readonly status: number; readonly message: string };
  };
