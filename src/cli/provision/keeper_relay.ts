import { delay } from "@std/async/delay";
import { JOURNAL_FILE } from "../../../provision/journal/journal.ts";
import type { Provider } from "../../../provision/providers/provider.ts";
import type { Host } from "../../../provision/ssh/host.ts";
import { errorMessage } from "../../base/errors.ts";
import { sizeBytesIfThere } from "../../base/if_there.ts";
import { HeadRelay } from "../head_relay.ts";
import { type AwayKeeper, noteHome, readAway, startAway, stopAway } from "./away_keeper.ts";
import { type ClusterFolder, readWish, writeWish } from "./cluster_folder.ts";
import { lastKeeper, writeKeeper } from "./keeper_info.ts";

/** How a relay ended: it was told to, or the keeper is at home again, and goes on here. */
export type RelayEnd = "stopped" | "home";

/** A machine that neither answers nor is shown is gone after so many tries. */
const GONE_AFTER = 3;
/** A keeper that cannot be told that its cluster shall end is left to end with its machine after so many tries. */
const END_WITHOUT_AFTER = 3;
const LOOK_MS = 1_000;
const RECONNECT_MS = 2_000;

/** Stands in for a keeper that is away, so that all commands here work as if it were not: its head is reached by a port
 * here, its journal comes, and what is wanted goes there. When the cluster shall end, it brings the keeper home; when it
 * has ended there by itself, or its machine has ended, too.
 * @param log told what people should know */
export async function relayKeeper(
  folder: ClusterFolder,
  provider: Provider,
  away: AwayKeeper,
  { signal, log }: { readonly signal: AbortSignal; readonly log: (message: string) => void },
): Promise<RelayEnd> {
  const reach: Reach = { url: undefined };
  await using door = openDoor(folder, reach);
  await writeKeeper(folder, { pid: Deno.pid, headUrl: door.url });
  let trouble = "";
  let failures = 0;
  while (!signal.aborted) {
    try {
      await using host = await provider.connect(away.target, signal);
      trouble = "";
      failures = 0;
      if (await relayThrough(host, folder, away, reach, signal) === "home") return "home";
    } catch (error) {
      if (signal.aborted) break;
      if (errorMessage(error) !== trouble) log(errorMessage(error));
      trouble = errorMessage(error);
      failures++;
      const isUnseenGone = failures >= GONE_AFTER;
      const left = await machinesLeft(provider, away, isUnseenGone, signal);
      // One that hangs must not keep what it was left to keep: with its cluster it ends.
      const isEnding = readWish(folder)?.end === true && failures >= END_WITHOUT_AFTER;
      if (left !== "its own" || isEnding) return await settleHome(folder, left === "none");
    }
    reach.url = undefined;
    await delay(RECONNECT_MS, { signal }).catch(() => {});
  }
  return "stopped";
}

/** What is left of the cluster when the keeper's machine does not answer: nothing, others, or, as far as can be told, its
 * machine itself. */
async function machinesLeft(
  provider: Provider,
  { target }: AwayKeeper,
  isUnseenGone: boolean,
  signal: AbortSignal,
): Promise<"none" | "others" | "its own"> {
  try {
    const shown = await Promise.all(
      provider.regions.map((region) => provider.list(region, signal)),
    );
    const machines = shown.flat();
    const own = machines.find(({ machineId }) => machineId === target.machineId);
    const isGone = own === undefined ? isUnseenGone : own.state === "ended";
    if (!isGone) return "its own";
    return machines.some(({ state }) => state !== "ended") ? "others" : "none";
  } catch {
    return "its own";
  }
}

async function relayThrough(
  host: Host,
  folder: ClusterFolder,
  away: AwayKeeper,
  reach: Reach,
  signal: AbortSignal,
): Promise<RelayEnd> {
  if (!await startAway(host, away)) return await settleHome(folder, true);
  let sent = "";
  let headUrl = "";
  while (!signal.aborted) {
    const wish = readWish(folder);
    if (wish?.end === true) {
      await stopAway(host, away);
      await fetchJournal(host, folder, away);
      return await settleHome(folder, false);
    }
    const text = JSON.stringify(wish);
    if (text !== sent) {
      const path = `${away.dir}/wanted.json`;
      await host.upload(new TextEncoder().encode(text), path, { mode: 0o600, signal });
    }
    sent = text;
    if (!await fetchJournal(host, folder, away)) return await settleHome(folder, true);
    const there = await readAway(host, away, "keeper.json", 0);
    const url = there === undefined ? "" : JSON.parse(new TextDecoder().decode(there)).headUrl;
    if (url !== headUrl) {
      reach.url = `http://127.0.0.1:${await host.forwardOut(Number(new URL(url).port))}`;
    }
    headUrl = url;
    await delay(LOOK_MS, { signal }).catch(() => {});
  }
  return "stopped";
}

/** From now on the cluster is kept from here. */
async function settleHome(folder: ClusterFolder, hasEnded: boolean): Promise<RelayEnd> {
  const wish = readWish(folder);
  if (hasEnded && wish !== undefined) await writeWish(folder, { ...wish, workers: 0, end: true });
  await noteHome(folder);
  return "home";
}

/** Adds what is new in the journal there to the one here, which is its beginning.
 * @returns false when there is none any more */
async function fetchJournal(
  host: Host,
  folder: ClusterFolder,
  away: AwayKeeper,
): Promise<boolean> {
  const path = `${folder.dir}/${JOURNAL_FILE}`;
  const more = await readAway(host, away, JOURNAL_FILE, sizeBytesIfThere(path) ?? 0);
  if (more === undefined) return false;
  if (more.length > 0) await Deno.writeFile(path, more, { append: true, mode: 0o600 });
  return true;
}

/** Where the head is at the moment: behind a port here. */
interface Reach {
  url: string | undefined;
}

/** A door to it on the port of the head before, where clients look for it; on another one when that was taken. */
function openDoor(folder: ClusterFolder, reach: Reach): HeadRelay {
  const before = lastKeeper(folder)?.headUrl;
  const port = before === undefined ? 0 : Number(new URL(before).port);
  const headUrl = () => Promise.resolve(reach.url);
  try {
    return new HeadRelay(headUrl, port);
  } catch {
    return new HeadRelay(headUrl, 0);
  }
}
