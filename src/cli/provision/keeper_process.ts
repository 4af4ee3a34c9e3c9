import { delay } from "@std/async/delay";
import { fromFileUrl } from "@std/path";
import { UserError } from "../../base/errors.ts";
import type { ClusterFolder } from "./cluster_folder.ts";
import { lastKeeper, runningKeeper } from "./keeper_info.ts";

const START_MS = 30_000;
const LOOK_MS = 50;

/** Starts the cluster's keeper unless one runs: a process of its own, which outlives ours and the terminal's.
 * @throws {UserError} with the end of its log when it does not come up */
export async function ensureKeeper(folder: ClusterFolder): Promise<void> {
  if (runningKeeper(folder) !== undefined) return;
  await Deno.mkdir(folder.dir, { recursive: true, mode: 0o700 });
  const log = `${folder.dir}/keeper.log`;
  const main = new URL("../cluster_keeper.ts", import.meta.url);
  const config = fromFileUrl(new URL("../../../deno.json", import.meta.url));
  // By a shell, which gives the log to a process that nobody waits for.
  const command = 'exec "$0" "$@" >>"$TV_KEEPER_LOG" 2>&1 </dev/null';
  const run = ["run", "--quiet", "--allow-all", "--config", config, main.href];
  const process = new Deno.Command("sh", {
    args: ["-c", command, Deno.execPath(), ...run, "--file", folder.file, "--dir", folder.dir],
    env: { TV_KEEPER_LOG: log },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  process.unref();
  let ended = false;
  let hasSucceeded = false;
  process.status.then(({ success }) => {
    ended = true;
    hasSucceeded = success;
  });
  const deadline = performance.now() + START_MS;
  // Its lock is looked at only when it has it.
  const isUp = () => lastKeeper(folder)?.pid === process.pid && runningKeeper(folder) !== undefined;
  while (!isUp()) {
    // It had nothing left to do.
    if (hasSucceeded) return;
    // Another command may have started one in the same moment.
    if (ended && runningKeeper(folder) !== undefined) return;
    if (ended || performance.now() > deadline) {
      const tail = (await Deno.readTextFile(log).catch(() => "")).trim().split("\n").slice(-5);
      throw new UserError(
        "cluster/keeper-failed",
        `Cannot start the cluster's keeper: ${tail.join(" · ")}`,
        {
          hint: `Its log is ${log}.`,
        },
      );
    }
    await delay(LOOK_MS);
  }
}

/** Waits until the keeper of a cluster that has ended has ended, too. */
export async function keeperEnds(folder: ClusterFolder): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (runningKeeper(folder) !== undefined && performance.now() < deadline) await delay(LOOK_MS);
}
