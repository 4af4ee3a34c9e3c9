import { entriesIfThere } from "../../base/if_there.ts";
import { JOURNAL_FILE } from "../../../provision/journal/journal.ts";

/** The files of a cluster's folder that its mirror has, and whether a cluster is one without it. A lost journal costs
 * nothing but its story: machines are found by their tags. */
export const MIRRORED_FILES: readonly { readonly name: string; readonly isNeeded: boolean }[] = [
  { name: "cluster.jsonc", isNeeded: true },
  { name: "wanted.json", isNeeded: false },
  { name: JOURNAL_FILE, isNeeded: false },
  { name: "head/token", isNeeded: false },
];

/** The folder of its keys: all files that are directly in it. */
export const MIRRORED_FOLDER = "keys";

/** What makes a cluster, of what is in its folder: the files that have names, there or not, and all that are in the folder
 * of its keys. */
export function clusterFiles(dir: string): string[] {
  const keys = entriesIfThere(`${dir}/${MIRRORED_FOLDER}`);
  return [
    ...MIRRORED_FILES.map(({ name }) => name),
    ...keys.map(({ name }) => `${MIRRORED_FOLDER}/${name}`),
  ];
}
