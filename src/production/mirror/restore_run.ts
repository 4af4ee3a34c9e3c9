import { sha256Hex } from "../../base/hash.ts";
import { dirname } from "@std/path";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { UserError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { openFlowStore } from "../../flow/mod.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import { IN_FLIGHT, inParallel } from "../../lakehouse/store/parallel.ts";
import type { ProductionConfig } from "../../manifest/config.ts";
import { type OutputFolders, RunFolder } from "../run_folder.ts";
import { unpackResults } from "./result_packs.ts";
import { bringInputs } from "./run_inputs.ts";
import { readIndex, readObject, type RunIndex } from "./run_index.ts";

/** Brings a run from a remote into an output folder that has none of this id: its files, the results of its tasks, and
 * what it rests on. The run's folder appears once all is there. Read or resumed, it is then like one that was run here.
 * @param nowMs milliseconds since the Unix epoch
 * @throws {UserError} when the remote has no such run, the output folder has one, or an object is damaged */
export async function restoreRun(
  remote: ObjectStore,
  folders: OutputFolders,
  runId: string,
  nowMs: number,
): Promise<RunFolder> {
  const run = new RunFolder(folders, runId);
  const found = await readIndex(remote, runId);
  if (found === undefined) {
    throw new UserError(
      "mirror/not-found",
      `Cannot open run ${runId} from ${remote.url}: there is no such run`,
      {
        hint: "Is it the remote that the run was mirrored to?",
      },
    );
  }
  const { index } = found;
  const temporary = `${folders.runs}/.${newId("restore")}`;
  try {
    await bringFiles(remote, index, temporary, folders);
    await bringResults(remote, index, folders, nowMs);
    await bringConfig(remote, index, temporary, folders, runId);
    await moveInto(temporary, run.path);
  } finally {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
  }
  return run;
}

async function bringFiles(
  remote: ObjectStore,
  { files }: RunIndex,
  folder: string,
  { store }: OutputFolders,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await inParallel(IN_FLIGHT, Object.entries(files), async ([path, { parts, sizeBytes }]) => {
    const bytes = new Uint8Array(sizeBytes);
    let at = 0;
    for (const part of parts) {
      const piece = await readObject(remote, part);
      bytes.set(piece, at);
      at += piece.length;
    }
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, bytes);
    // Files of steps are copies of what the store of artifacts has: results of tasks name them there.
    if (path.endsWith(".parquet")) {
      await writeFileAtomic(`${store}/${sha256Hex(bytes)}.parquet`, bytes);
    }
  });
}

async function bringResults(
  remote: ObjectStore,
  { results }: RunIndex,
  { flowStore }: OutputFolders,
  nowMs: number,
): Promise<void> {
  using store = openFlowStore(flowStore);
  for (const { pack } of results) {
    await unpackResults(store, await readObject(remote, pack), nowMs);
  }
}

/** The configuration names files of another machine: here it has to name those that came with the run. */
async function bringConfig(
  remote: ObjectStore,
  { inputs }: RunIndex,
  temporary: string,
  folders: OutputFolders,
  runId: string,
): Promise<void> {
  const path = new RunFolder(folders, runId).config.slice(`${folders.runs}/${runId}`.length);
  const text = await Deno.readTextFile(`${temporary}${path}`).catch(() => undefined);
  // A run that was stopped before its configuration was sent has nothing to go on with.
  if (text === undefined) {
    throw new UserError(
      "mirror/not-found",
      `Cannot open run ${runId} from ${remote.url}: its configuration never came`,
    );
  }
  const config = JSON.parse(text) as ProductionConfig;
  const moved = await bringInputs(remote, inputs, `${folders.root}/inputs/${runId}`, config);
  await Deno.writeTextFile(`${temporary}${path}`, `${JSON.stringify(moved, null, 2)}\n`);
}

async function moveInto(temporary: string, path: string): Promise<void> {
  try {
    await Deno.rename(temporary, path);
  } catch (cause) {
    throw new UserError("run/exists", `Cannot open a run in ${path}: there is one already`, {
      hint: "Resume it without --remote, or give another --out.",
      cause,
    });
  }
}
