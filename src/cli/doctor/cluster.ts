import type { ClusterStatus } from "../../../cluster/client/mod.ts";
import { formatSize } from "../../base/size_text.ts";
import { type Finding, ill, ok } from "./finding.ts";
import type { NodeFacts } from "./node_facts.ts";

/** What a task that was sent to a worker told. */
export interface NodeProbe {
  readonly workerId: string;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  /** Or why it did not run. */
  readonly outcome: NodeFacts | { readonly failure: string };
}

/** What a cluster is like, seen from here. */
export interface ClusterFacts {
  readonly headUrl: string;
  readonly tokenFile: string;
  /** The token's file can be read by others than its owner. */
  readonly isTokenOpen: boolean;
  /** Why the head cannot be reached; undefined when it can. */
  readonly unreachable: string | undefined;
  /** The protocol that it speaks, and ours. */
  readonly protocol: { readonly head: unknown; readonly own: number };
  /** By how much its clock is ahead of ours, to the second; undefined when it does not say. */
  readonly skewMs: number | undefined;
  readonly acceptsToken: boolean;
  /** Undefined when the head could not be asked. */
  readonly status: ClusterStatus | undefined;
  readonly probes: readonly NodeProbe[];
}

const MAX_SKEW_MS = 5_000;
const LONG_WAIT_MS = 60_000;
const MIN_DISK_BYTES = 2 ** 30;

/** PURE: what is well with a cluster, what is not, and how it is mended. What cannot be known is left out. */
export function judgeCluster(facts: ClusterFacts): Finding[] {
  const { headUrl, unreachable, protocol, acceptsToken, status, tokenFile } = facts;
  if (unreachable !== undefined) {
    const mend = "deno task head, or cluster:up, starts one; behind a firewall use a tunnel.";
    return [ill("head", "error", `${headUrl}: ${unreachable}`, mend)];
  }
  const findings = [ok("head", `${headUrl} answers`)];
  if (protocol.head !== protocol.own) {
    const found = `the head speaks protocol ${protocol.head}, this program ${protocol.own}`;
    return [...findings, ill("version", "error", found, "Run the same version on both sides.")];
  }
  findings.push(ok("version", `protocol ${protocol.own}`), judgeToken(facts), ...judgeSkew(facts));
  if (!acceptsToken || status === undefined) return findings;
  return [
    ...findings,
    ...(facts.isTokenOpen
      ? [ill("token file", "warning", `${tokenFile} is open to others`, `chmod 600 ${tokenFile}`)]
      : []),
    judgeWorkers(status),
    ...judgeQueue(status),
    ...facts.probes.map(judgeProbe),
  ];
}

function judgeToken({ acceptsToken, tokenFile }: ClusterFacts): Finding {
  return acceptsToken ? ok("token", "is accepted") : ill(
    "token",
    "error",
    `the one in ${tokenFile} is refused`,
    "The head says at its start where its token is: give that with --token-file. It may have been rotated.",
  );
}

function judgeSkew({ skewMs }: ClusterFacts): Finding[] {
  if (skewMs === undefined) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return [ok("clock", `within ${Math.max(1, seconds)} s`)];
  const found = `the head's is ${seconds} s ${skewMs > 0 ? "ahead" : "behind"}`;
  return [ill("clock", "warning", found, "timedatectl set-ntp true, on both machines.")];
}

function judgeWorkers({ workers }: ClusterStatus): Finding {
  const by = (state: string) => workers.filter((each) => each.state === state);
  const connected = by("connected");
  if (connected.length === 0) {
    return ill("workers", "error", "none is connected", "deno task worker joins one.");
  }
  const suspected = by("suspected");
  if (suspected.length > 0) {
    const names = suspected.map(({ workerId }) => workerId).join(", ");
    const mend = "Look at their machines and the network; what they ran runs elsewhere soon.";
    return ill("workers", "warning", `nothing is heard of ${names}`, mend);
  }
  const draining = by("draining").length;
  return ok(
    "workers",
    `${connected.length} connected${draining === 0 ? "" : `, ${draining} draining`}`,
  );
}

function judgeQueue({ queue }: ClusterStatus): Finding[] {
  if (queue.ageMs < LONG_WAIT_MS) return [];
  const needs = queue.waiting[0]?.resources ?? {};
  const shown = Object.entries(needs).map(([name, amount]) => `${amount} ${name}`).join(", ");
  const found = `the first task waits for ${Math.round(queue.ageMs / 1_000)} s, for ${shown}`;
  return [
    ill("queue", "warning", found, "Add workers that have it: deno task worker --resources."),
  ];
}

function judgeProbe({ workerId, sentAtMs, answeredAtMs, outcome }: NodeProbe): Finding {
  const check = `node ${workerId}`;
  if ("failure" in outcome) {
    const mend = `deno task cluster:attach --node ${workerId} shows what it has to say.`;
    return ill(check, "error", outcome.failure, mend);
  }
  const { nowMs, diskBytes } = outcome;
  const aheadMs = nowMs - answeredAtMs, behindMs = sentAtMs - nowMs;
  const skewMs = Math.max(aheadMs, behindMs, 0);
  if (skewMs > MAX_SKEW_MS) {
    const found = `its clock is ${Math.round(skewMs / 1_000)} s ${
      aheadMs > 0 ? "ahead" : "behind"
    }`;
    return ill(check, "warning", found, "timedatectl set-ntp true, there.");
  }
  const disk = diskBytes === undefined ? "" : `, ${formatSize(diskBytes)} of disk free`;
  const found = `ran a task in ${Math.round(answeredAtMs - sentAtMs)} ms${disk}`;
  return diskBytes !== undefined && diskBytes < MIN_DISK_BYTES
    ? ill(check, "warning", found, "Make room on its disk: objects and packages lie there.")
    : ok(check, found);
}
