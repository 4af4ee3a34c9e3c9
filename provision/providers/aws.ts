import { GetConsoleOutputCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { delay } from "@std/async/delay";
import { Buffer } from "node:buffer";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { errorMessage, UserError } from "../../src/base/errors.ts";
import type { AwsConfig } from "../config/cluster_config.ts";
import type { Machine, Pool } from "../planning/machine.ts";
import { connectSsh } from "../ssh/connect_ssh.ts";
import { type Host, HostError } from "../ssh/host.ts";
import { createFleet } from "./aws/create_fleet.ts";
import { type AwsAccess, calling, callingUnless, Ec2Region } from "./aws/ec2_region.ts";
import { findImages } from "./aws/find_images.ts";
import { KeyFiles } from "./aws/key_files.ts";
import { ensureLaunchTemplate, removeLaunchTemplates } from "./aws/launch_template.ts";
import { listMachines } from "./aws/list_machines.ts";
import { type AwsPool, listPools } from "./aws/list_pools.ts";
import {
  ensureSecurityGroup,
  findSubnets,
  leaveSecurityGroup,
  removeSecurityGroups,
} from "./aws/network.ts";
import { OnDemandPrices } from "./aws/on_demand_prices.ts";
import { assertPermissions } from "./aws/permissions.ts";
import { settleHostKey } from "./aws/settle_host_key.ts";
import { TAGS } from "./aws/tags.ts";
import { userData } from "./aws/user_data.ts";
import type { NodeLayout } from "./node_layout.ts";
import type { ConnectTarget, LaunchAnswer, LaunchRequest, Provider } from "./provider.ts";

/** How a cluster's machines are bought. */
export interface AwsOptions {
  readonly cluster: string;
  readonly config: AwsConfig;
  /** The cluster's folder; its keys are kept there. */
  readonly dir: string;
  readonly access?: AwsAccess;
  /** Says our address as the world sees it. Default: AWS's own service for that. */
  readonly addressUrl?: string;
  readonly clock?: Clock;
  /** Whether the head is on a machine of the cluster: then its machines reach each other. Default: it is not. */
  readonly hasHeadInside?: boolean;
  /** Whether this runs on such a machine: others are reached within their network, and who else is let in stays as it is.
   * Default: it does not. */
  readonly isInside?: boolean;
}

const ADDRESS_URL = "https://checkip.amazonaws.com";
const METADATA_URL = "http://169.254.169.254";
/** How often a machine that changes its host key is tried, and the pause between. */
const RELOAD_TRIES = 20;
const RELOAD_PAUSE_MS = 250;
const DIR = "/var/lib/tradewind/node";

/** Machines of EC2, spot ones above all. Nothing of the user's credentials is ever on a machine. */
export class AwsProvider implements Provider {
  readonly name = "aws";
  readonly showsAll = false;
  readonly regions: readonly string[];
  readonly #options: AwsOptions;
  readonly #keys: KeyFiles;
  readonly #prices: OnDemandPrices;
  readonly #ec2 = new Map<string, Ec2Region>();
  /** In their network, by machine id. */
  readonly #privateAddresses = new Map<string, string>();
  #pools: ReadonlyMap<string, AwsPool> = new Map();

  /** Connects to nothing yet. */
  constructor(options: AwsOptions) {
    this.#options = options;
    this.regions = options.config.regions;
    this.#keys = new KeyFiles(options.dir);
    this.#prices = new OnDemandPrices(options.access ?? {});
  }

  async preflight(signal: AbortSignal): Promise<void> {
    const { image, subnets, zones } = this.#options.config;
    for (const region of this.regions) {
      const ec2 = this.#in(region);
      await assertPermissions(ec2, signal);
      await findSubnets(ec2, subnets, zones, signal);
      await findImages(ec2, image, this.#options.access ?? {}, signal);
    }
  }

  async pools(signal: AbortSignal): Promise<readonly Pool[]> {
    const found = await Promise.all(this.regions.map(async (region) => {
      const ec2 = this.#in(region);
      const { subnets, zones } = this.#options.config;
      const places = await findSubnets(ec2, subnets, zones, signal);
      const open = [...new Set(places.map(({ zone }) => zone))];
      return await listPools(ec2, this.#options.config, open, this.#prices, signal);
    }));
    this.#pools = new Map(found.flat().map((pool) => [pool.poolId, pool]));
    return [...this.#pools.values()].map(({ poolId, region, market, cpus, priceUsdPerHour }) => ({
      poolId,
      region,
      market,
      cpus,
      priceUsdPerHour,
    }));
  }

  async list(region: string, signal: AbortSignal): Promise<readonly Machine[]> {
    const prices = new Map(
      [...this.#pools].map(([poolId, { priceUsdPerHour }]) => [poolId, priceUsdPerHour]),
    );
    const shown = await listMachines(this.#in(region), this.#options.cluster, prices, signal);
    return shown.map(({ machine, privateAddress }) => {
      if (privateAddress !== undefined) {
        this.#privateAddresses.set(machine.machineId, privateAddress);
      }
      return machine;
    });
  }

  async launch(request: LaunchRequest, signal: AbortSignal): Promise<LaunchAnswer> {
    const { cluster, config, clock = systemClock } = this.#options;
    const { launchId, token, region, expiresAtMs, holdsHead } = request;
    const { hasHeadInside = false, isInside = false } = this.#options;
    const ec2 = this.#in(region);
    // After a restart the pools of the request are known by name alone: what they are is read again.
    if (!request.pools.every(({ poolId }) => this.#pools.has(poolId))) await this.pools(signal);
    const pools = request.pools.flatMap(({ poolId }) => this.#pools.get(poolId) ?? []);
    const subnets = await findSubnets(ec2, config.subnets, config.zones, signal);
    const images = await findImages(ec2, config.image, this.#options.access ?? {}, signal);
    const price = Math.max(...request.pools.map(({ priceUsdPerHour }) => priceUsdPerHour));
    const tags = {
      ...config.tags,
      Name: `tradewind-${cluster}`,
      [TAGS.cluster]: cluster,
      [TAGS.launch]: launchId,
      [TAGS.price]: String(price),
    };
    const groupId = await ensureSecurityGroup(
      ec2,
      cluster,
      config.tags,
      subnets[0].vpcId,
      {
        blocks: isInside ? undefined : await this.#blocks(signal),
        amongThemselves: hasHeadInside,
      },
      signal,
    );
    await ensureLaunchTemplate(ec2, {
      launchId,
      token,
      groupId,
      diskGib: config.disk_gib,
      profile: holdsHead ? config.head_profile : undefined,
      userData: userData(
        await this.#keys.host(launchId),
        (await this.#keys.login()).publicKey,
        expiresAtMs,
      ),
      tags,
    }, signal);
    const inVpc = subnets.filter(({ vpcId }) => vpcId === subnets[0].vpcId);
    const nowMs = clock.nowMs();
    return await createFleet(
      ec2,
      { cluster, request, pools, subnets: inVpc, images, tags, nowMs },
      signal,
    );
  }

  async terminate(
    region: string,
    machineIds: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const { acting } = this.#in(region);
    const end = (InstanceIds: string[]) =>
      callingUnless(
        ["InvalidInstanceID.NotFound"],
        acting.send(new TerminateInstancesCommand({ InstanceIds }), { abortSignal: signal }),
      );
    // One that is not there fails the whole call: then each by itself.
    if (await end([...machineIds]) !== undefined || machineIds.length === 1) return;
    for (const machineId of machineIds) await end([machineId]);
  }

  async cleanRegion(region: string, signal: AbortSignal): Promise<boolean> {
    const ec2 = this.#in(region);
    await removeLaunchTemplates(ec2, this.#options.cluster, signal);
    return await removeSecurityGroups(ec2, this.#options.cluster, signal);
  }

  /** Its group is used as long as it is in it: it leaves that first. */
  async endHere(region: string, machineId: string, signal: AbortSignal): Promise<boolean> {
    const ec2 = this.#in(region);
    const { subnets, zones } = this.#options.config;
    const [{ vpcId }] = await findSubnets(ec2, subnets, zones, signal);
    await leaveSecurityGroup(ec2, { machineId, vpcId }, signal);
    if (!await this.cleanRegion(region, signal)) return false;
    await this.terminate(region, [machineId], signal);
    return true;
  }

  async connect(target: ConnectTarget, signal: AbortSignal): Promise<Host> {
    return await this.#logIn(target, this.#keys.hostKeysOf(target), signal);
  }

  async settleHostKey(target: ConnectTarget, host: Host, signal: AbortSignal): Promise<void> {
    const { nodeId } = target;
    if (this.#keys.hasOwn(nodeId)) return;
    let own = "";
    await settleHostKey(
      host,
      (publicKey) => this.#keys.expect(nodeId, own = publicKey),
      async () => {
        await using _seen = await this.#logInPatiently(target, [own], signal);
        await this.#keys.confirm(nodeId);
      },
      signal,
    );
  }

  layout(): Promise<NodeLayout> {
    return Promise.resolve({
      dir: DIR,
      onBegin: ["shutdown", "-c"],
      onEnd: ["systemctl", "poweroff"],
      metadataUrl: METADATA_URL,
    });
  }

  shellCommand(target: ConnectTarget): readonly string[] {
    const { address } = target;
    const { loginFile } = this.#keys;
    return [
      ...["ssh", "-i", loginFile, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"],
      ...["-o", `UserKnownHostsFile=${this.#keys.knownHostsFile(target, address)}`],
      `root@${address}`,
    ];
  }

  async consoleOutput(
    region: string,
    machineId: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { Output } = await calling(
      this.#in(region).asking.send(
        new GetConsoleOutputCommand({ InstanceId: machineId }),
        { abortSignal: signal },
      ),
    );
    return Output === undefined ? undefined : Buffer.from(Output, "base64").toString("utf8");
  }

  /** Closes all connections. */
  [Symbol.asyncDispose](): Promise<void> {
    for (const ec2 of this.#ec2.values()) ec2[Symbol.dispose]();
    this.#prices[Symbol.dispose]();
    return Promise.resolve();
  }

  async #logIn(
    target: ConnectTarget,
    hostKeys: readonly string[],
    signal: AbortSignal,
  ): Promise<Host> {
    return await connectSsh({
      name: target.nodeId,
      hostname: await this.#addressOf(target, signal),
      port: 22,
      user: "root",
      privateKeys: [(await this.#keys.login()).privateKey],
      hostKeys,
    }, signal);
  }

  /** While its SSH server reads its keys anew, it may have the old one, or not listen. */
  async #logInPatiently(
    target: ConnectTarget,
    hostKeys: readonly string[],
    signal: AbortSignal,
  ): Promise<Host> {
    for (let tries = 1;; tries++) {
      try {
        return await this.#logIn(target, hostKeys, signal);
      } catch (error) {
        if (!(error instanceof HostError) || tries === RELOAD_TRIES) throw error;
        await delay(RELOAD_PAUSE_MS, { signal });
      }
    }
  }

  async #addressOf({ machineId, address }: ConnectTarget, signal: AbortSignal): Promise<string> {
    if (this.#options.isInside !== true) return address;
    if (!this.#privateAddresses.has(machineId)) {
      await Promise.all(this.regions.map((region) => this.list(region, signal)));
    }
    return this.#privateAddresses.get(machineId) ?? address;
  }

  #in(region: string): Ec2Region {
    const known = this.#ec2.get(region);
    if (known !== undefined) return known;
    const ec2 = new Ec2Region(region, this.#options.access ?? {});
    this.#ec2.set(region, ec2);
    return ec2;
  }

  /** From where SSH is let in. */
  async #blocks(signal: AbortSignal): Promise<string[]> {
    const { addressUrl = ADDRESS_URL, config } = this.#options;
    return await Promise.all(config.ssh_from.map(async (block) => {
      if (block !== "my-address") return block;
      try {
        const address = (await (await fetch(addressUrl, { signal })).text()).trim();
        if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) throw new Error(`it said ${address}`);
        return `${address}/32`;
      } catch (cause) {
        throw new UserError(
          "aws/no-address",
          `Cannot tell our own address by ${addressUrl}: ${errorMessage(cause)}`,
          {
            hint: "Name the block in aws.ssh_from.",
            cause,
          },
        );
      }
    }));
  }
}
