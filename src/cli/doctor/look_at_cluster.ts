import { type ClusterClient, connect, remote } from "../../../cluster/client/mod.ts";
import { bearer } from "../../../cluster/protocol/access.ts";
import { errorMessage } from "../../base/errors.ts";
import type { ClusterAddress } from "../cluster_address.ts";
import type { ClusterFacts, NodeProbe } from "./cluster.ts";
import { nodeFacts } from "./node_facts.ts";

const PATIENCE_MS = 5_000;
/** A node that was never used has to fetch the code and start an executor. */
const PROBE_TIMEOUT_MS = 60_000;
const MAX_PROBED = 100;

/** Asks a head, and by a task each its workers.
 * @param ownProtocol the version of the protocol that this program speaks */
export async function lookAtCluster(
  address: ClusterAddress,
  ownProtocol: number,
): Promise<ClusterFacts> {
  const { headUrl, token, tokenFile } = address;
  const facts = {
    headUrl,
    tokenFile,
    isTokenOpen: ((Deno.statSync(tokenFile).mode ?? 0) & 0o077) !== 0,
    unreachable: undefined,
    protocol: { head: undefined, own: ownProtocol },
    skewMs: undefined,
    acceptsToken: false,
    status: undefined,
    probes: [],
  };
  const health = await ask(`${headUrl}/healthz`).catch(errorMessage);
  if (typeof health === "string") return { ...facts, unreachable: health };
  const said = await health.json().catch(() => undefined);
  const protocol = { head: said?.protocol, own: ownProtocol };
  const date = Date.parse(health.headers.get("date") ?? "");
  const skewMs = Number.isNaN(date) ? undefined : date - Date.now();
  const door = await ask(`${headUrl}/metrics`, bearer(token)).catch(() => undefined);
  await door?.body?.cancel();
  const seen = { ...facts, protocol, skewMs, acceptsToken: door?.ok === true };
  if (!seen.acceptsToken || protocol.head !== ownProtocol) return seen;
  await using client = connect({ headUrl, token, patienceMs: PATIENCE_MS });
  const status = await client.status();
  const connected = status.workers.filter(({ state }) => state === "connected");
  const probes = await Promise.all(
    connected.slice(0, MAX_PROBED).map(({ workerId }) => probe(client, workerId)),
  );
  return { ...seen, status, probes };
}

async function ask(url: string, authorization?: string): Promise<Response> {
  return await fetch(url, {
    headers: authorization === undefined ? {} : { authorization },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

async function probe(client: ClusterClient, workerId: string): Promise<NodeProbe> {
  const task = remote(new URL("./node_facts.ts", import.meta.url).href, nodeFacts);
  const sentAtMs = Date.now();
  const outcome = await client.submit(task, [], {
    name: "doctor",
    affinity: { nodes: [workerId], mode: "require" },
    resources: { cpus: 0.01 },
    priority: 1_000,
    queueTimeoutMs: PROBE_TIMEOUT_MS,
    runTimeoutMs: PROBE_TIMEOUT_MS,
  }).result.catch((error) => ({ failure: errorMessage(error) }));
  return { workerId, sentAtMs, answeredAtMs: Date.now(), outcome };
}
