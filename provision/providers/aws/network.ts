import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type IpPermission,
  ModifyInstanceAttributeCommand,
  RevokeSecurityGroupIngressCommand,
  type RouteTable,
  type Subnet,
} from "@aws-sdk/client-ec2";
import { UserError } from "../../../src/base/errors.ts";
import { calling, callingUnless, type Ec2Region } from "./ec2_region.ts";
import { clusterFilter, tagList, TAGS } from "./tags.ts";

/** Where machines can be put. */
export interface AwsSubnet {
  readonly subnetId: string;
  readonly zone: string;
  readonly vpcId: string;
}

/** The subnets of a configuration, or those of the default VPC, of the given zones; each with a route out: without one
 * a machine starts, is billed, and never answers.
 * @param zones empty: all
 * @throws {UserError} when there is none, naming those without a route · {ProviderFailure} */
export async function findSubnets(
  { asking, region }: Ec2Region,
  subnetIds: readonly string[],
  zones: readonly string[],
  abortSignal: AbortSignal,
): Promise<readonly AwsSubnet[]> {
  const query = subnetIds.length > 0
    ? { SubnetIds: [...subnetIds] }
    : { Filters: [{ Name: "default-for-az", Values: ["true"] }] };
  const { Subnets = [] } = await calling(
    asking.send(new DescribeSubnetsCommand(query), { abortSignal }),
  );
  const vpcIds = [...new Set(Subnets.map(({ VpcId = "" }) => VpcId))];
  const { RouteTables = [] } = vpcIds.length === 0 ? {} : await calling(asking.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: vpcIds }] }),
    { abortSignal },
  ));
  const inZones = Subnets.filter(({ AvailabilityZone = "" }) =>
    zones.length === 0 || zones.includes(AvailabilityZone)
  );
  const routed = inZones.filter((subnet) => hasRouteOut(subnet, RouteTables));
  if (routed.length === 0) {
    const closed = inZones.map(({ SubnetId }) => SubnetId).join(", ");
    throw new UserError(
      "aws/no-subnet",
      closed === ""
        ? `Cannot find a subnet in ${region}`
        : `Cannot use the subnets of ${region}: ${closed} have no route to an internet gateway`,
      { hint: "Name subnets with a route out in aws.subnets." },
    );
  }
  return routed.map(({ SubnetId = "", AvailabilityZone = "", VpcId = "" }) => ({
    subnetId: SubnetId,
    zone: AvailabilityZone,
    vpcId: VpcId,
  }));
}

/** By the subnet's own table, else by its VPC's main one. */
function hasRouteOut({ SubnetId, VpcId }: Subnet, tables: readonly RouteTable[]): boolean {
  const own = tables.find(({ Associations = [] }) =>
    Associations.some((association) => association.SubnetId === SubnetId)
  );
  const main = tables.find((table) =>
    table.VpcId === VpcId && table.Associations?.some(({ Main }) => Main === true)
  );
  return (own ?? main)?.Routes?.some(({ DestinationCidrBlock, GatewayId }) =>
    DestinationCidrBlock === "0.0.0.0/0" && GatewayId?.startsWith("igw-") === true
  ) === true;
}

/** From where a cluster's machines can be reached, at port 22 alone. */
export interface AwsIngress {
  /** Blocks in CIDR notation, and no others; undefined: those that are let in now. */
  readonly blocks: readonly string[] | undefined;
  /** Whether its machines reach each other, too. */
  readonly amongThemselves: boolean;
}

/** The cluster's security group in a VPC: port 22 from where it is said and nothing else, whatever it said before.
 * @returns its id
 * @throws {ProviderFailure} */
export async function ensureSecurityGroup(
  ec2: Ec2Region,
  cluster: string,
  tags: Readonly<Record<string, string>>,
  vpcId: string,
  ingress: AwsIngress,
  abortSignal: AbortSignal,
): Promise<string> {
  const { asking, acting } = ec2;
  const find = async () => {
    const filters = [clusterFilter(cluster), { Name: "vpc-id", Values: [vpcId] }];
    const { SecurityGroups = [] } = await calling(
      asking.send(new DescribeSecurityGroupsCommand({ Filters: filters }), { abortSignal }),
    );
    return SecurityGroups[0];
  };
  const known = await find();
  const made = known === undefined
    ? await callingUnless(
      ["InvalidGroup.Duplicate"],
      acting.send(
        new CreateSecurityGroupCommand({
          GroupName: `tradewind-${cluster}`,
          Description: `Tradewind cluster ${cluster}`,
          VpcId: vpcId,
          TagSpecifications: [{
            ResourceType: "security-group",
            Tags: tagList({ ...tags, [TAGS.cluster]: cluster }),
          }],
        }),
        { abortSignal },
      ),
    )
    : undefined;
  const group = known ?? (made === undefined ? await find() : undefined);
  const groupId = made?.GroupId ?? group?.GroupId ?? "";
  await settleIngress(ec2, groupId, group?.IpPermissions ?? [], ingress, abortSignal);
  return groupId;
}

/** Opens what is missing of a group's port 22, and closes what is too much.
 * @param permissions that it has */
async function settleIngress(
  { acting }: Ec2Region,
  groupId: string,
  permissions: readonly IpPermission[],
  { blocks, amongThemselves }: AwsIngress,
  abortSignal: AbortSignal,
): Promise<void> {
  const open = permissions.flatMap(({ IpRanges = [] }) =>
    IpRanges.map(({ CidrIp = "" }) => CidrIp)
  );
  const permission = (from: Pick<IpPermission, "IpRanges" | "UserIdGroupPairs">) => ({
    GroupId: groupId,
    IpPermissions: [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, ...from }],
  });
  const ranges = (cidrs: readonly string[]) =>
    permission({ IpRanges: cidrs.map((CidrIp) => ({ CidrIp })) });
  const missing = (blocks ?? []).filter((block) => !open.includes(block));
  const surplus = open.filter((block) => !(blocks ?? open).includes(block));
  const isOpenWithin = permissions.some(({ UserIdGroupPairs = [] }) =>
    UserIdGroupPairs.some(({ GroupId }) => GroupId === groupId)
  );
  const toOpen = [
    ...(missing.length > 0 ? [ranges(missing)] : []),
    ...(amongThemselves && !isOpenWithin
      ? [permission({ UserIdGroupPairs: [{ GroupId: groupId }] })]
      : []),
  ];
  for (const input of toOpen) {
    const command = new AuthorizeSecurityGroupIngressCommand(input);
    await callingUnless(["InvalidPermission.Duplicate"], acting.send(command, { abortSignal }));
  }
  if (surplus.length > 0) {
    const command = new RevokeSecurityGroupIngressCommand(ranges(surplus));
    await callingUnless(["InvalidPermission.NotFound"], acting.send(command, { abortSignal }));
  }
}

/** Puts a machine into the default group of its VPC alone, which every VPC has and lets nobody in from outside: the
 * group that it leaves can be removed while it runs. What it has open goes on.
 * @throws {ProviderFailure} */
export async function leaveSecurityGroup(
  { asking, acting }: Ec2Region,
  { machineId, vpcId }: { readonly machineId: string; readonly vpcId: string },
  abortSignal: AbortSignal,
): Promise<void> {
  const Filters = [
    { Name: "vpc-id", Values: [vpcId] },
    { Name: "group-name", Values: ["default"] },
  ];
  const { SecurityGroups: [group] = [] } = await calling(
    asking.send(new DescribeSecurityGroupsCommand({ Filters }), { abortSignal }),
  );
  const Groups = [group?.GroupId ?? ""];
  await calling(acting.send(
    new ModifyInstanceAttributeCommand({ InstanceId: machineId, Groups }),
    { abortSignal },
  ));
}

/** Removes the cluster's security groups.
 * @returns false while one is still used
 * @throws {ProviderFailure} */
export async function removeSecurityGroups(
  { asking, acting }: Ec2Region,
  cluster: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const { SecurityGroups = [] } = await calling(asking.send(
    new DescribeSecurityGroupsCommand({ Filters: [clusterFilter(cluster)] }),
    { abortSignal },
  ));
  let allGone = true;
  for (const { GroupId } of SecurityGroups) {
    const done = await callingUnless(
      ["DependencyViolation", "InvalidGroup.NotFound"],
      acting.send(new DeleteSecurityGroupCommand({ GroupId }), { abortSignal }),
    );
    allGone &&= done !== undefined;
  }
  return allGone;
}
