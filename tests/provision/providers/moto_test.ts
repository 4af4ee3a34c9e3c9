import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  DescribeImagesCommand,
  DescribeRouteTablesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { assert, assertEquals } from "@std/assert";
import { parseClusterConfig } from "../../../provision/config/parse_cluster_config.ts";
import { AwsProvider } from "../../../provision/providers/aws.ts";
import { MOTO, testWithS3 } from "../../lakehouse/s3/servers.ts";

const REGION = "eu-central-1";
const CREDENTIALS = { accessKeyId: "tradewind", secretAccessKey: "tradewind-secret" };
const signal = () => AbortSignal.timeout(60_000);

/** Gives the default network its way out, which an account of AWS has from the beginning.
 * @returns an image */
async function prepareAccount(endpoint: string): Promise<string> {
  const client = new EC2Client({ region: REGION, endpoint, credentials: CREDENTIALS });
  try {
    const { Vpcs = [] } = await client.send(new DescribeVpcsCommand({}));
    const VpcId = Vpcs.find(({ IsDefault }) => IsDefault)?.VpcId;
    const { InternetGateway } = await client.send(new CreateInternetGatewayCommand({}));
    const GatewayId = InternetGateway?.InternetGatewayId;
    await client.send(new AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId }));
    const { RouteTables = [] } = await client.send(new DescribeRouteTablesCommand({}));
    for (const { RouteTableId } of RouteTables.filter((table) => table.VpcId === VpcId)) {
      const route = { RouteTableId, GatewayId, DestinationCidrBlock: "0.0.0.0/0" };
      await client.send(new CreateRouteCommand(route));
    }
    const { Images = [] } = await client.send(new DescribeImagesCommand({}));
    return Images.find(({ Architecture }) => Architecture === "x86_64")?.ImageId ?? "";
  } finally {
    client.destroy();
  }
}

function providerOn(endpoint: string, image: string, dir: string): AwsProvider {
  const aws = { image, instance_types: ["m5.xlarge", "c5.xlarge"], ssh_from: ["10.0.0.0/8"] };
  const text = JSON.stringify({ name: "c", provider: "aws", aws });
  return new AwsProvider({
    cluster: "c",
    config: parseClusterConfig(text, "cluster.jsonc").aws,
    dir,
    access: { endpoint, credentials: CREDENTIALS },
  });
}

testWithS3(
  "the calls to EC2 are understood by another server than ours: launch, list, end, clean",
  async ({ endpoint }) => {
    const dir = await Deno.makeTempDir();
    try {
      await using provider = providerOn(endpoint, await prepareAccount(endpoint), dir);
      const pools = (await provider.pools(signal())).filter(({ market }) => market === "spot");
      assert(pools.length >= 2, `${pools.length} pools`);
      const request = {
        launchId: "c-g1-1",
        token: "a".repeat(64),
        region: REGION,
        market: "spot" as const,
        pools,
        count: 2,
        holdsHead: false,
        expiresAtMs: Date.now() + 3_600_000,
        resolveImageAgain: false,
      };
      const { machines } = await provider.launch(request, signal());
      assertEquals(machines.length, 2);
      const shown = await provider.list(REGION, signal());
      assertEquals(
        shown.map(({ machineId, cluster, launchId }) => [machineId, cluster, launchId]).sort(),
        machines.map(({ machineId }) => [machineId, "c", "c-g1-1"]).sort(),
      );
      await provider.terminate(REGION, machines.map(({ machineId }) => machineId), signal());
      const ended = await provider.list(REGION, signal());
      assertEquals(ended.filter(({ state }) => state !== "ended"), []);
      assertEquals(await provider.cleanRegion(REGION, signal()), true);
      assertEquals(await provider.cleanRegion(REGION, signal()), true);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
  [MOTO],
);
