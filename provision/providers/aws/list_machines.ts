import { type Instance, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import type { Machine, MachineState } from "../../planning/machine.ts";
import { calling, type Ec2Region } from "./ec2_region.ts";
import { poolIdOf } from "./list_pools.ts";
import { clusterFilter, TAGS } from "./tags.ts";

const STATES: Readonly<Record<string, MachineState>> = {
  pending: "pending",
  running: "running",
  "shutting-down": "ending",
  stopping: "ending",
  // One that somebody stopped keeps its disk, and can be started again: it is not gone.
  stopped: "running",
  terminated: "ended",
};

/** A machine of EC2. */
export interface AwsMachine {
  readonly machine: Machine;
  /** In its VPC; undefined until it has one. */
  readonly privateAddress: string | undefined;
}

/** All machines of a region with the cluster's tag, also those that are terminated and still shown.
 * @param prices of pools, by id; what is not there is counted at the price in the machine's tag
 * @throws {ProviderFailure} */
export async function listMachines(
  { asking, region }: Ec2Region,
  cluster: string,
  prices: ReadonlyMap<string, number>,
  abortSignal: AbortSignal,
): Promise<AwsMachine[]> {
  const query = { Filters: [clusterFilter(cluster)] };
  const pages = paginateDescribeInstances({ client: asking }, query, { abortSignal });
  const machines: AwsMachine[] = [];
  for (let page = await calling(pages.next()); !page.done; page = await calling(pages.next())) {
    for (const { Instances = [] } of page.value.Reservations ?? []) {
      machines.push(...Instances.map((instance) => ({
        machine: machineOf(instance, region, prices),
        privateAddress: instance.PrivateIpAddress,
      })));
    }
  }
  return machines;
}

function machineOf(
  instance: Instance,
  region: string,
  prices: ReadonlyMap<string, number>,
): Machine {
  const tags = new Map(instance.Tags?.map(({ Key, Value }) => [Key, Value ?? ""]));
  const market = instance.InstanceLifecycle === "spot" ? "spot" : "on_demand";
  const zone = instance.Placement?.AvailabilityZone ?? "";
  const poolId = poolIdOf(zone, instance.InstanceType ?? "", market);
  return {
    machineId: instance.InstanceId ?? "",
    cluster: tags.get(TAGS.cluster) ?? "",
    launchId: tags.get(TAGS.launch) ?? "",
    region,
    poolId,
    market,
    priceUsdPerHour: prices.get(poolId) ?? Number(tags.get(TAGS.price) ?? 0),
    state: STATES[instance.State?.Name ?? "pending"] ?? "pending",
    address: instance.PublicIpAddress ?? instance.PrivateIpAddress,
    launchedAtMs: instance.LaunchTime?.getTime() ?? 0,
    endReason: instance.StateReason?.Message,
  };
}
