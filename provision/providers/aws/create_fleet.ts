import {
  type _InstanceType,
  CreateFleetCommand,
  type CreateFleetError,
  type CreateFleetInstance,
} from "@aws-sdk/client-ec2";
import type { Architecture } from "../../config/cluster_config.ts";
import type { Failure } from "../../planning/failures.ts";
import type { Machine } from "../../planning/machine.ts";
import type { LaunchAnswer, LaunchRequest } from "../provider.ts";
import { calling, type Ec2Region } from "./ec2_region.ts";
import { failureOfCode } from "./failure_codes.ts";
import { templateNameOf } from "./launch_template.ts";
import { type AwsPool, poolIdOf } from "./list_pools.ts";
import type { AwsSubnet } from "./network.ts";
import { tagList } from "./tags.ts";

/** What a fleet is made of. */
export interface FleetOptions {
  readonly cluster: string;
  readonly request: LaunchRequest;
  /** The request's pools, as EC2 knows them. */
  readonly pools: readonly AwsPool[];
  readonly subnets: readonly AwsSubnet[];
  readonly images: ReadonlyMap<Architecture, string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly nowMs: number;
}

/** Launches machines by one instant fleet over all pools: for spot, where price and capacity are best together. The
 * same token gives the same machines. What it could not give is in the answer, pool by pool.
 * @throws {ProviderFailure} */
export async function createFleet(
  { acting }: Ec2Region,
  options: FleetOptions,
  abortSignal: AbortSignal,
): Promise<LaunchAnswer> {
  const { request, pools, subnets, images, tags } = options;
  const { launchId, token, market, count } = request;
  const overrides = pools.flatMap(({ zone, instanceType, architecture }) => {
    const subnet = subnets.find((one) => one.zone === zone);
    const ImageId = images.get(architecture);
    return subnet === undefined || ImageId === undefined
      ? []
      : [{ InstanceType: instanceType as _InstanceType, SubnetId: subnet.subnetId, ImageId }];
  });
  const { Instances = [], Errors = [] } = await calling(acting.send(
    new CreateFleetCommand({
      Type: "instant",
      ClientToken: token.slice(0, 64),
      LaunchTemplateConfigs: [{
        LaunchTemplateSpecification: {
          LaunchTemplateName: templateNameOf(launchId),
          Version: "1",
        },
        Overrides: overrides,
      }],
      TargetCapacitySpecification: {
        TotalTargetCapacity: count,
        DefaultTargetCapacityType: market === "spot" ? "spot" : "on-demand",
      },
      ...(market === "spot"
        ? {
          SpotOptions: {
            AllocationStrategy: "price-capacity-optimized",
            InstanceInterruptionBehavior: "terminate",
          },
        }
        : { OnDemandOptions: { AllocationStrategy: "lowest-price" } }),
      TagSpecifications: [
        { ResourceType: "fleet", Tags: tagList(tags) },
        { ResourceType: "instance", Tags: tagList(tags) },
      ],
    }),
    { abortSignal },
  ));
  return {
    machines: Instances.flatMap((group) => machinesOf(group, options)),
    failures: Errors.map((error) => failureOf(error, options)),
  };
}

function machinesOf(group: CreateFleetInstance, options: FleetOptions): Machine[] {
  const { cluster, request: { launchId, market, region }, pools, subnets, nowMs } = options;
  const override = group.LaunchTemplateAndOverrides?.Overrides;
  const zone = subnets.find(({ subnetId }) => subnetId === override?.SubnetId)?.zone ?? "";
  const poolId = poolIdOf(zone, group.InstanceType ?? "", market);
  const dearest = Math.max(...pools.map(({ priceUsdPerHour }) => priceUsdPerHour));
  const pool = pools.find((one) => one.poolId === poolId);
  return (group.InstanceIds ?? []).map((machineId) => ({
    machineId,
    cluster,
    launchId,
    region,
    poolId,
    market,
    priceUsdPerHour: pool?.priceUsdPerHour ?? dearest,
    state: "pending",
    address: undefined,
    launchedAtMs: nowMs,
    endReason: undefined,
  }));
}

function failureOf(error: CreateFleetError, { request, subnets }: FleetOptions): Failure {
  const override = error.LaunchTemplateAndOverrides?.Overrides;
  const zone = subnets.find(({ subnetId }) => subnetId === override?.SubnetId)?.zone;
  const type = override?.InstanceType;
  const poolId = zone === undefined || type === undefined
    ? undefined
    : poolIdOf(zone, type, request.market);
  return failureOfCode(error.ErrorCode ?? "UnknownError", error.ErrorMessage ?? "", poolId);
}
