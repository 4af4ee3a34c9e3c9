import {
  type _InstanceType,
  DescribeSpotPriceHistoryCommand,
  type InstanceTypeInfo,
  paginateDescribeInstanceTypes,
} from "@aws-sdk/client-ec2";
import type { Architecture, AwsConfig } from "../../config/cluster_config.ts";
import type { Market } from "../../planning/machine.ts";
import { calling, type Ec2Region } from "./ec2_region.ts";
import type { OnDemandPrices } from "./on_demand_prices.ts";

/** A pool of EC2: what {@linkcode Pool} has, and what a request needs. */
export interface AwsPool {
  readonly poolId: string;
  readonly region: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly architecture: Architecture;
  readonly market: Market;
  readonly cpus: number;
  readonly priceUsdPerHour: number;
}

/** The id of a pool: `eu-central-1a/m7g.xlarge/spot`. */
export function poolIdOf(zone: string, instanceType: string, market: Market): string {
  return `${zone}/${instanceType}/${market}`;
}

/** All pools of a region that satisfy a configuration, with the prices of now.
 * @param zones in which there is a subnet
 * @throws {ProviderFailure} */
export async function listPools(
  ec2: Ec2Region,
  config: AwsConfig,
  zones: readonly string[],
  prices: OnDemandPrices,
  abortSignal: AbortSignal,
): Promise<AwsPool[]> {
  const types = await findTypes(ec2, config, abortSignal);
  const pools: AwsPool[] = [];
  if (config.market !== "on_demand") {
    pools.push(...await spotPools(ec2, types, zones, abortSignal));
  }
  const needsBase = config.market === "spot_with_base" && config.on_demand_base > 0;
  const isForHead = config.head_profile !== undefined;
  if (config.market === "on_demand" || needsBase || isForHead) {
    const price = await prices.of(ec2.region, [...types.keys()], abortSignal);
    for (const [instanceType, info] of types) {
      const priceUsdPerHour = price.get(instanceType);
      if (priceUsdPerHour === undefined) continue;
      for (const zone of zones) {
        pools.push(poolOf(ec2.region, zone, info, "on_demand", priceUsdPerHour));
      }
    }
  }
  return pools;
}

async function findTypes(
  { asking }: Ec2Region,
  { instance_types, vcpus, memory_gib, architectures }: AwsConfig,
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, InstanceTypeInfo>> {
  const filters = [
    { Name: "processor-info.supported-architecture", Values: [...architectures] },
    { Name: "current-generation", Values: ["true"] },
    { Name: "bare-metal", Values: ["false"] },
    { Name: "hypervisor", Values: ["nitro"] },
  ];
  const query = instance_types.length > 0
    ? { InstanceTypes: instance_types as _InstanceType[] }
    : { Filters: filters };
  const found = new Map<string, InstanceTypeInfo>();
  for await (
    const page of paginateDescribeInstanceTypes({ client: asking }, query, { abortSignal })
  ) {
    for (const info of page.InstanceTypes ?? []) {
      const fits = instance_types.length > 0 ||
        isWithin(info.VCpuInfo?.DefaultVCpus ?? 0, vcpus) &&
          isWithin((info.MemoryInfo?.SizeInMiB ?? 0) / 1024, memory_gib) && !hasAccelerator(info);
      const architecture = architectureOf(info);
      if (fits && architecture !== undefined && architectures.includes(architecture)) {
        found.set(info.InstanceType as string, info);
      }
    }
  }
  return found;
}

/** An accelerator is paid for, and is taken only when its type is named. */
function hasAccelerator(info: InstanceTypeInfo): boolean {
  return info.GpuInfo !== undefined || info.InferenceAcceleratorInfo !== undefined ||
    info.FpgaInfo !== undefined;
}

async function spotPools(
  { asking, region }: Ec2Region,
  types: ReadonlyMap<string, InstanceTypeInfo>,
  zones: readonly string[],
  abortSignal: AbortSignal,
): Promise<AwsPool[]> {
  if (types.size === 0) return [];
  const pools = new Map<string, AwsPool>();
  let NextToken: string | undefined;
  do {
    const page = await calling(asking.send(
      new DescribeSpotPriceHistoryCommand({
        InstanceTypes: [...types.keys()] as _InstanceType[],
        ProductDescriptions: ["Linux/UNIX"],
        // The price that holds now is the last one before now.
        StartTime: new Date(),
        NextToken,
      }),
      { abortSignal },
    ));
    for (const { InstanceType, AvailabilityZone, SpotPrice } of page.SpotPriceHistory ?? []) {
      const info = types.get(InstanceType ?? "");
      if (info === undefined || AvailabilityZone === undefined) continue;
      if (!zones.includes(AvailabilityZone)) continue;
      const pool = poolOf(region, AvailabilityZone, info, "spot", Number(SpotPrice));
      pools.set(pool.poolId, pool);
    }
    NextToken = page.NextToken || undefined;
  } while (NextToken !== undefined);
  return [...pools.values()];
}

function poolOf(
  region: string,
  zone: string,
  info: InstanceTypeInfo,
  market: Market,
  priceUsdPerHour: number,
): AwsPool {
  const instanceType = info.InstanceType as string;
  return {
    poolId: poolIdOf(zone, instanceType, market),
    region,
    zone,
    instanceType,
    architecture: architectureOf(info) as Architecture,
    market,
    cpus: info.VCpuInfo?.DefaultVCpus ?? 1,
    priceUsdPerHour,
  };
}

function architectureOf({ ProcessorInfo }: InstanceTypeInfo): Architecture | undefined {
  const all: readonly string[] = ProcessorInfo?.SupportedArchitectures ?? [];
  return all.includes("arm64") ? "arm64" : all.includes("x86_64") ? "x86_64" : undefined;
}

function isWithin(
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): boolean {
  return value >= min && value <= max;
}
