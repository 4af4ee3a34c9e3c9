import { delay } from "@std/async/delay";
import { connect as connectTcp, createServer, type Server } from "node:net";
import { JOURNAL_FILE } from "../../../provision/journal/journal.ts";
import type { Provider } from "../../../provision/providers/provider.ts";
import type { Host } from "../../../provision/ssh/host.ts";
import { errorMessage } from "../../base/errors.ts";
import { sizeBytesIfThere } from "../../base/if_there.ts";
import { type AwayKeeper, noteHome, readAway, startAway, stopAway } from "./away_keeper.ts";
import { type ClusterFolder, readWish, writeWish } from "./cluster_folder.ts";
import { lastKeeper, writeKeeper } from "./keeper_info.ts";

/** How a relay ended: it was told to, or the keeper is at home again, and goes on here. */
export type RelayEnd = "stopped" | "home";

const LOOK_MS = 1_000;
const RECONNECT_MS = 2_000;

/** Stands in for a keeper that is away, so that all commands here work as if it were not: its head is reached by a port
 * here, its journal comes, and what is wanted goes there. When the cluster shall end, it brings the keeper home; when it
 * has ended there by itself, too.
 * @param log told what people should know */
export async function relayKeeper(
  folder: ClusterFolder,
  provider: Provider,
  away: AwayKeeper,
  { signal, log }: { readonly signal: AbortSignal; readonly log: (message: string) => void },
): Promise<RelayEnd> {
  using door = await HeadDoor.open(folder);
  await writeKeeper(folder, { pid: Deno.pid, headUrl: door.url });
  let trouble = "";
  while (!signal.aborted) {
    try {
      await using host = await provider.connect(away.target, signal);
      trouble = "";
      if (await relayThrough(host, folder, away, door, signal) === "home") return "home";
    } catch (error) {
      if (signal.aborted) break;
      if (errorMessage(error) !== trouble) log(errorMessage(error));
      trouble = errorMessage(error);
    }
    door.targetPort = undefined;
    await delay(RECONNECT_MS, { signal }).catch(() => {});
  }
  return "stopped";
}

async function relayThrough(
  host: Host,
  folder: ClusterFolder,
  away: AwayKeeper,
  door: HeadDoor,
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
    if (url !== headUrl) door.targetPort = await host.forwardOut(Number(new URL(url).port));
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

/** A port here that leads to wherever the head is at the moment. */
class HeadDoor implements Disposable {
  readonly url: string;
  readonly #server: Server;
  /** The port here behind which the head is; undefined: it is not reached. */
  targetPort: number | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    server.on("connection", (socket) => {
      if (this.targetPort === undefined) return socket.destroy();
      const onward = connectTcp({ host: "127.0.0.1", port: this.targetPort, noDelay: true });
      const end = () => {
        socket.destroy();
        onward.destroy();
      };
      for (const side of [socket, onward]) side.on("error", end).on("close", end);
      socket.setNoDelay(true);
      socket.pipe(onward);
      onward.pipe(socket);
    });
  }

  /** On the port of the head before, where clients look for it; on another one when that was taken. */
  static async open(folder: ClusterFolder): Promise<HeadDoor> {
    const before = lastKeeper(folder)?.headUrl;
    const port = before === undefined ? 0 : Number(new URL(before).port);
    try {
      return new HeadDoor(await listening(port));
    } catch {
      return new HeadDoor(await listening(0));
    }
  }

  [Symbol.dispose](): void {
    this.#server.close();
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, "127.0.0.1", resolve);
  await promise;
  return server;
}
