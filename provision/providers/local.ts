import { readTextIfThere } from "../../src/base/if_there.ts";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { writeFileAtomic } from "../../src/base/atomic_file.ts";
import { stopWardenCommand } from "../bootstrap/bootstrap.ts";
import type { Machine, Pool } from "../planning/machine.ts";
import { execOk, type Host } from "../ssh/host.ts";
import { LocalHost } from "../ssh/local_host.ts";
import type { NodeLayout } from "./node_layout.ts";
import type { ConnectTarget, LaunchAnswer, LaunchRequest, Provider } from "./provider.ts";

const REGION = "local";
const MACHINE_FILE = "machine.json";

/** This machine, divided: a folder and a daemon for each node. For trying a configuration out, and for tests: all that
 * is not the network is as it is elsewhere. */
export class LocalProvider implements Provider {
  readonly name = "local";
  readonly showsAll = true;
  readonly regions = [REGION];
  readonly #cluster: string;
  readonly #dir: string;
  readonly #cpus: number;
  readonly #clock: Clock;

  /** @param dir where the machines' folders are; absolute
   * @param cpus of each machine */
  constructor(
    { cluster, dir, cpus, clock = systemClock }: {
      readonly cluster: string;
      readonly dir: string;
      readonly cpus: number;
      readonly clock?: Clock;
    },
  ) {
    this.#cluster = cluster;
    this.#dir = dir;
    this.#cpus = cpus;
    this.#clock = clock;
  }

  preflight(): Promise<void> {
    return Promise.resolve();
  }

  pools(): Promise<readonly Pool[]> {
    return Promise.resolve([{
      poolId: REGION,
      region: REGION,
      market: "on_demand",
      cpus: this.#cpus,
      priceUsdPerHour: 0,
    }]);
  }

  list(): Promise<readonly Machine[]> {
    const machines = folderNames(this.#dir).flatMap((name): Machine[] => {
      const text = readTextIfThere(`${this.#dir}/${name}/${MACHINE_FILE}`);
      if (text === undefined) return [];
      const machine = JSON.parse(text) as Machine;
      const ending = readTextIfThere(`${this.#dir}/${name}/ended-machine`);
      return ending === undefined
        ? [machine]
        : [{ ...machine, state: "ended", endReason: ending.trim() || "ended" }];
    });
    return Promise.resolve(machines);
  }

  async launch({ launchId, count }: LaunchRequest): Promise<LaunchAnswer> {
    const there = (await this.list()).filter((machine) => machine.launchId === launchId);
    const fresh: Machine[] = [];
    for (let k = there.length; k < count; k++) {
      const machineId = newId("machine");
      const machine: Machine = {
        machineId,
        cluster: this.#cluster,
        launchId,
        region: REGION,
        poolId: REGION,
        market: "on_demand",
        priceUsdPerHour: 0,
        state: "running",
        address: "127.0.0.1",
        launchedAtMs: this.#clock.nowMs(),
        endReason: undefined,
      };
      await writeFileAtomic(`${this.#dir}/${machineId}/${MACHINE_FILE}`, JSON.stringify(machine));
      fresh.push(machine);
    }
    return { machines: [...there, ...fresh], failures: [] };
  }

  async terminate(_region: string, machineIds: readonly string[]): Promise<void> {
    await Promise.all(machineIds.map(async (machineId) => {
      const dir = `${this.#dir}/${machineId}`;
      if (readTextIfThere(`${dir}/${MACHINE_FILE}`) === undefined) return;
      await using host = new LocalHost(machineId);
      await execOk(host, "stop its daemon", stopWardenCommand(`${dir}/node`));
      await Deno.writeTextFile(`${dir}/ended-machine`, "");
    }));
  }

  async cleanRegion(): Promise<boolean> {
    for (const { machineId, state } of await this.list()) {
      if (state === "ended") await Deno.remove(`${this.#dir}/${machineId}`, { recursive: true });
    }
    return folderNames(this.#dir).length === 0;
  }

  async endHere(region: string, machineId: string): Promise<boolean> {
    await this.terminate(region, [machineId]);
    return await this.cleanRegion();
  }

  connect({ nodeId }: ConnectTarget): Promise<Host> {
    return Promise.resolve(new LocalHost(nodeId));
  }

  settleHostKey(): Promise<void> {
    return Promise.resolve();
  }

  layout({ machineId }: ConnectTarget): Promise<NodeLayout> {
    const dir = `${this.#dir}/${machineId}`;
    return Promise.resolve({
      dir: `${dir}/node`,
      onBegin: [],
      onEnd: [
        "sh",
        "-c",
        `cp "${dir}/node/ended" "${dir}/ended.part" && mv "${dir}/ended.part" "${dir}/ended-machine"`,
      ],
      metadataUrl: null,
    });
  }

  shellCommand({ machineId }: ConnectTarget): readonly string[] {
    return ["sh", "-c", 'cd "$0" && exec "${SHELL:-sh}"', `${this.#dir}/${machineId}`];
  }

  consoleOutput(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function folderNames(dir: string): string[] {
  try {
    return [...Deno.readDirSync(dir)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
