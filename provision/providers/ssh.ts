import { delay } from "@std/async/delay";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { errorMessage, UserError } from "../../src/base/errors.ts";
import { stopWardenCommand } from "../bootstrap/bootstrap.ts";
import type { Failure } from "../planning/failures.ts";
import type { Machine, Pool } from "../planning/machine.ts";
import { connectSsh, type SshTarget } from "../ssh/connect_ssh.ts";
import { execOk, type Host, HostError, shellQuote } from "../ssh/host.ts";
import { endSessionCommand } from "../ssh/noted_session.ts";
import type { NodeLayout } from "./node_layout.ts";
import {
  type ConnectTarget,
  type LaunchAnswer,
  type LaunchRequest,
  type Provider,
  ProviderFailure,
} from "./provider.ts";

/** What a host keeps about who uses it: the tag of a machine that nobody made. */
interface Claim {
  readonly cluster: string;
  readonly launchId: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
}

/** A host that was claimed by another cluster exits with it. */
const TAKEN = 7;

const CLAIM_PAUSES_MS: readonly number[] = [1_000, 3_000];

/** Machines that the user has. Each host is a region of its own with one machine, so that one which cannot be reached
 * is not taken for one that is gone. To launch is to claim the host by a file on it; a host has one claim. */
export class SshProvider implements Provider {
  readonly name = "ssh";
  readonly showsAll = true;
  readonly regions: readonly string[];
  readonly #cluster: string;
  readonly #targets: ReadonlyMap<string, SshTarget>;
  readonly #clock: Clock;
  readonly #hosts = new Map<string, Promise<Host>>();

  /** @param targets the hosts; their names are regions, pools and parts of machine ids */
  constructor(
    { cluster, targets, clock = systemClock }: {
      readonly cluster: string;
      readonly targets: readonly SshTarget[];
      readonly clock?: Clock;
    },
  ) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#targets = new Map(targets.map((target) => [target.name, target]));
    this.regions = [...this.#targets.keys()];
  }

  async preflight(signal: AbortSignal): Promise<void> {
    const results = await Promise.allSettled(
      this.regions.map((name) => this.#host(name, signal)),
    );
    const problems = results.flatMap((result) =>
      result.status === "rejected" ? [errorMessage(result.reason)] : []
    );
    if (problems.length === this.regions.length) {
      throw new UserError("ssh/unreachable", `Cannot reach any host:\n  ${problems.join("\n  ")}`);
    }
  }

  pools(): Promise<readonly Pool[]> {
    return Promise.resolve(this.regions.map((name) => ({
      poolId: name,
      region: name,
      market: "on_demand",
      cpus: 1,
      priceUsdPerHour: 0,
      slots: 1,
    })));
  }

  async list(region: string, signal: AbortSignal): Promise<readonly Machine[]> {
    const host = await this.#host(region, signal);
    const command = `${IN_BASE}; cat claim.json 2>/dev/null || echo null; echo; ` +
      `cat ended.json 2>/dev/null || echo null`;
    const output = await execOk(host, "read its claim", command, { signal });
    const [claim, ended] = output.split("\n").filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Claim | null);
    return [
      ...(claim === null ? [] : [this.#machine(region, claim, "running")]),
      ...(ended === null ? [] : [this.#machine(region, ended, "ended")]),
    ];
  }

  async launch(
    { launchId, pools, count, expiresAtMs }: LaunchRequest,
    signal: AbortSignal,
  ): Promise<LaunchAnswer> {
    const claim: Claim = {
      cluster: this.#cluster,
      launchId,
      atMs: this.#clock.nowMs(),
      expiresAtMs,
    };
    const machines: Machine[] = [];
    const failures: Failure[] = [];
    for (const { poolId } of pools.slice(0, count)) {
      const outcome = await this.#claim(poolId, claim, signal);
      if ("kind" in outcome) failures.push(outcome);
      else machines.push(this.#machine(poolId, outcome, "running"));
    }
    return { machines, failures };
  }

  async terminate(
    region: string,
    machineIds: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const host = await this.#host(region, signal);
    const base = await this.#base(host, signal);
    for (const machineId of machineIds) {
      const launchId = shellQuote(`"launchId":"${machineId.split("#")[1]}"`);
      await execOk(
        host,
        "end its node",
        `${IN_BASE}; if grep -qF ${launchId} claim.json 2>/dev/null; then ` +
          `${endNode(base)}; fi`,
        { signal },
      );
    }
  }

  async cleanRegion(region: string, signal: AbortSignal): Promise<boolean> {
    const host = await this.#host(region, signal);
    const base = await this.#base(host, signal);
    const [claim] = await this.list(region, signal);
    if (claim?.state === "running") return claim.cluster !== this.#cluster;
    // The folder may be a mount point: what is in it is removed.
    const clean = `${IN_BASE}; ${endNode(base)}; rm -rf ${shellQuote(base)}/*`;
    await execOk(host, "clean it", clean, { signal });
    return true;
  }

  async endHere(region: string, machineId: string, signal: AbortSignal): Promise<boolean> {
    await this.terminate(region, [machineId], signal);
    return await this.cleanRegion(region, signal);
  }

  async connect({ machineId }: ConnectTarget, signal: AbortSignal): Promise<Host> {
    return await connectSsh(this.#target(machineId.split("#")[0]), signal);
  }

  settleHostKey(): Promise<void> {
    return Promise.resolve();
  }

  async layout(_target: ConnectTarget, host: Host): Promise<NodeLayout> {
    const base = await this.#base(host, AbortSignal.timeout(30_000));
    const free = `cd ${shellQuote(base)} && mv claim.json ended.json`;
    return { dir: `${base}/node`, onBegin: [], onEnd: ["sh", "-c", free], metadataUrl: null };
  }

  shellCommand({ machineId }: ConnectTarget): readonly string[] {
    const { name, user, port } = this.#target(machineId.split("#")[0]);
    return ["ssh", "-o", "StrictHostKeyChecking=yes", "-l", user, "-p", String(port), name];
  }

  consoleOutput(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await Promise.all(hosts.map(async (host) => {
      await host.then((open) => open[Symbol.asyncDispose](), () => {});
    }));
  }

  /** @param pausesMs before each further try of a host that is only just not there: one that boots, or that is busy */
  async #claim(
    poolId: string,
    claim: Claim,
    signal: AbortSignal,
    [pauseMs, ...laterPausesMs] = CLAIM_PAUSES_MS,
  ): Promise<Claim | Failure> {
    try {
      const host = await this.#host(poolId, signal);
      const base = await this.#base(host, signal);
      const { code, stdout } = await host.exec(
        `${IN_BASE}; if ( set -C; cat > claim.json ) 2>/dev/null; then rm -f ended.json; else cat claim.json; exit ${TAKEN}; fi`,
        { signal, stdin: JSON.stringify(claim) },
      );
      if (code === 0) return claim;
      if (code !== TAKEN) throw new HostError("failed", `Cannot claim ${poolId}: ${stdout}`);
      const other = JSON.parse(stdout) as Claim;
      if (other.launchId === claim.launchId) return other;
      if (other.expiresAtMs > claim.atMs) {
        return failure(
          "no_capacity",
          "HostInUse",
          `${poolId} is a node of ${other.cluster}`,
          poolId,
        );
      }
      // Its time is over, and its warden did not free it: the machine was off.
      const free = `${IN_BASE}; ${endNode(base)}`;
      await execOk(host, "free it", free, { signal });
      return await this.#claim(poolId, claim, signal);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.isPassing && pauseMs !== undefined) {
        await delay(pauseMs, { signal });
        return await this.#claim(poolId, claim, signal, laterPausesMs);
      }
      const kind = error.isPassing ? "no_capacity" : "unsupported";
      return failure(kind, "HostUnusable", error.message, poolId);
    }
  }

  #machine(region: string, claim: Claim, state: "running" | "ended"): Machine {
    return {
      machineId: `${region}#${claim.launchId}`,
      cluster: claim.cluster,
      launchId: claim.launchId,
      region,
      poolId: region,
      market: "on_demand",
      priceUsdPerHour: 0,
      state,
      address: this.#target(region).hostname,
      launchedAtMs: claim.atMs,
      endReason: undefined,
    };
  }

  #target(name: string): SshTarget {
    const target = this.#targets.get(name);
    if (target === undefined) {
      throw new ProviderFailure(
        failure(
          "refused",
          "UnknownHost",
          `${name} is not among ssh.hosts of cluster.jsonc any more`,
        ),
      );
    }
    return target;
  }

  /** An open connection for questions, shared. */
  async #host(name: string, signal: AbortSignal): Promise<Host> {
    const known = this.#hosts.get(name);
    if (known !== undefined) return await known;
    const opening = connectSsh(this.#target(name), signal);
    this.#hosts.set(name, opening);
    const forget = () => {
      if (this.#hosts.get(name) === opening) this.#hosts.delete(name);
    };
    opening.then(({ closed }) => closed.then(forget), forget);
    return await opening;
  }

  async #base(host: Host, signal: AbortSignal): Promise<string> {
    return (await execOk(host, "find its folder", `${IN_BASE}; pwd`, { signal })).trim();
  }
}

/** Goes to the folder of all that is ours on a host. */
const IN_BASE =
  `set -e; umask 077; if [ "$(id -u)" = 0 ]; then base=/var/lib/tradewind; else base="$HOME/.tradewind"; fi; ` +
  `mkdir -p "$base"; cd "$base"; set +e`;

/** The command that ends all that runs for a node, also the session of a keeper that was cut off, and frees the host. A
 * warden that ends frees it itself. */
function endNode(base: string): string {
  const dir = `${base}/node`;
  return `${stopWardenCommand(dir)}; ${endSessionCommand(dir)}; ` +
    `mv claim.json ended.json 2>/dev/null || [ ! -e claim.json ]`;
}

function failure(
  kind: Failure["kind"],
  code: string,
  message: string,
  poolId?: string,
): Failure {
  return { kind, code, message, poolId };
}
