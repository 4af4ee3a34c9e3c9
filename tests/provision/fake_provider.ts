import type { Failure } from "../../provision/planning/failures.ts";
import type { Machine, Pool } from "../../provision/planning/machine.ts";
import type { LaunchAnswer, LaunchRequest, Provider } from "../../provision/providers/provider.ts";
import { ProviderFailure } from "../../provision/providers/provider.ts";
import type { NodeCrew } from "../../provision/reconcile.ts";
import type { NodeRecord } from "../../provision/planning/state.ts";
import type { Clock } from "../../src/base/clock.ts";

/** A clock that a test moves. */
export class TestClock implements Clock {
  constructor(public ms = 1_000_000_000_000) {}
  nowMs(): number {
    return this.ms;
  }
}

/** A provider in memory: machines run at once, tokens are kept, nothing is forgotten between two reconcilers. */
export class FakeProvider implements Provider {
  readonly name = "fake";
  readonly showsAll = false;
  readonly regions = ["here"];
  readonly machines = new Map<string, Machine>();
  readonly #answers = new Map<string, LaunchAnswer>();
  /** Thrown, or answered beside the machines, by the next calls of `launch`, in this order. */
  readonly failures: (Failure | "lose the answer")[] = [];
  launches = 0;
  hasNetwork = false;

  readonly cluster: string;
  readonly clock: Clock;

  constructor(cluster: string, clock: Clock) {
    this.cluster = cluster;
    this.clock = clock;
  }

  preflight(): Promise<void> {
    return Promise.resolve();
  }

  pools(): Promise<readonly Pool[]> {
    return Promise.resolve([
      { poolId: "p1", region: "here", market: "spot", cpus: 4, priceUsdPerHour: 0.1 },
      { poolId: "p2", region: "here", market: "spot", cpus: 4, priceUsdPerHour: 0.2 },
    ]);
  }

  list(): Promise<readonly Machine[]> {
    return Promise.resolve([...this.machines.values()]);
  }

  launch(request: LaunchRequest): Promise<LaunchAnswer> {
    this.launches++;
    this.hasNetwork = true;
    const failure = this.failures.shift();
    if (failure !== undefined && failure !== "lose the answer") {
      return Promise.reject(new ProviderFailure(failure));
    }
    const answer = this.#answers.get(request.token) ?? this.#fulfil(request);
    this.#answers.set(request.token, answer);
    if (failure !== undefined) return Promise.reject(new Error("connection reset"));
    return Promise.resolve(answer);
  }

  #fulfil({ launchId, region, market, pools, count }: LaunchRequest): LaunchAnswer {
    const machines = Array.from({ length: count }, (): Machine => ({
      machineId: `m${this.machines.size}-${crypto.randomUUID()}`,
      cluster: this.cluster,
      launchId,
      region,
      poolId: pools[0].poolId,
      market,
      priceUsdPerHour: pools[0].priceUsdPerHour,
      state: "running",
      address: "192.0.2.1",
      launchedAtMs: this.clock.nowMs(),
      endReason: undefined,
    }));
    for (const machine of machines) this.machines.set(machine.machineId, machine);
    return { machines, failures: [] };
  }

  terminate(_region: string, machineIds: readonly string[]): Promise<void> {
    for (const id of machineIds) {
      const machine = this.machines.get(id);
      if (machine !== undefined) this.machines.set(id, { ...machine, state: "ended" });
    }
    return Promise.resolve();
  }

  cleanRegion(): Promise<boolean> {
    this.hasNetwork = false;
    return Promise.resolve(true);
  }

  endHere(): Promise<never> {
    return Promise.reject(new Error("nothing runs on a fake machine"));
  }

  connect(): Promise<never> {
    return Promise.reject(new Error("a fake machine has no shell"));
  }

  settleHostKey(): Promise<void> {
    return Promise.resolve();
  }

  layout(): Promise<never> {
    return Promise.reject(new Error("a fake machine has no folder"));
  }

  shellCommand(): readonly string[] {
    return [];
  }

  consoleOutput(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  alive(): Machine[] {
    return [...this.machines.values()].filter(({ state }) => state !== "ended");
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A crew whose workers are registered as soon as they are brought up. */
export class FakeCrew implements NodeCrew {
  readonly registered = new Map<string, { draining: boolean }>();

  bringUp(node: Readonly<NodeRecord>, { onShell }: { onShell: () => void }): Promise<void> {
    onShell();
    this.registered.set(node.nodeId, { draining: false });
    return Promise.resolve();
  }

  drain(node: Readonly<NodeRecord>): Promise<void> {
    this.registered.delete(node.nodeId);
    return Promise.resolve();
  }

  hold(): void {}

  release(nodeId: string): void {
    this.registered.delete(nodeId);
  }

  workers(): Promise<ReadonlyMap<string, { readonly draining: boolean }>> {
    return Promise.resolve(this.registered);
  }
}
