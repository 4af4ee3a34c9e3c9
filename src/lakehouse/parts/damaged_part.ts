import { UserError } from "../../base/errors.ts";
import type { PartEntry } from "../snapshots/manifest.ts";
import type { ObjectStore } from "../store/object_store.ts";

/** Why a part of a table cannot be read: it is gone, or is not what was written. */
export function damagedPart(
  { url }: Pick<ObjectStore, "url">,
  table: string,
  { file }: Pick<PartEntry, "file">,
  reason: string,
  options: { readonly hint: string; readonly cause?: unknown },
): UserError {
  return new UserError(
    "lakehouse/damaged",
    `Cannot read table ${table} (${url}/${file}): ${reason}`,
    options,
  );
}
