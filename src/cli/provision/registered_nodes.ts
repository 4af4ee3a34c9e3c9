import { connect } from "../../../cluster/client/mod.ts";
import { readTokenFile } from "../head_token.ts";
import type { ClusterFolder } from "./cluster_folder.ts";
import { runningKeeper } from "./keeper_info.ts";

const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 1_000;

/** What of a cluster is looked at. */
type Place = Pick<ClusterFolder, "dir" | "tokenFile">;

/** Tells which nodes the head knows: what the journal of an earlier keeper says of them is not enough, as a node may be
 * lost meanwhile, which is believed only after a while. */
export class RegisteredNodes {
  readonly #place: Place;
  readonly #onWait: (nodeIds: readonly string[]) => void;
  #lookedAtMs = -Infinity;
  #told = "";

  /** @param onWait told which nodes are waited for, when these change */
  constructor(place: Place, onWait: (nodeIds: readonly string[]) => void) {
    this.#place = place;
    this.#onWait = onWait;
  }

  /** Whether the workers of all nodes are connected; asks once a second at most, and is false in between. */
  async haveAll(nodeIds: readonly string[]): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs < LOOK_AGAIN_MS) return false;
    this.#lookedAtMs = nowMs;
    const connected = await connectedWorkers(this.#place);
    const missing = nodeIds.filter((nodeId) => !connected.has(nodeId));
    const told = missing.join(" ");
    if (told !== "" && told !== this.#told) this.#onWait(missing);
    this.#told = told;
    return missing.length === 0;
  }
}

/** None when the head cannot be asked: a keeper that is there again brings it again. */
async function connectedWorkers({ dir, tokenFile }: Place): Promise<ReadonlySet<string>> {
  const headUrl = runningKeeper({ dir })?.headUrl;
  if (headUrl === undefined) return new Set();
  try {
    const token = readTokenFile(tokenFile);
    await using client = connect({ headUrl, token, patienceMs: PATIENCE_MS });
    const { workers } = await client.status();
    return new Set(
      workers.filter(({ state }) => state === "connected").map(({ workerId }) => workerId),
    );
  } catch {
    return new Set();
  }
}
