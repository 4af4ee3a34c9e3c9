import { DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { UserError } from "../../../src/base/errors.ts";
import type { Architecture } from "../../config/cluster_config.ts";
import { type AwsAccess, calling, type Ec2Region } from "./ec2_region.ts";

/** Canonical's account: an image of the same name by anybody else is not taken. */
const CANONICAL = "099720109477";
const NAME = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-*-server-*";
/** Where Canonical says which image is the current one, by architecture. */
const PARAMETERS: Readonly<Record<Architecture, string>> = {
  x86_64: parameterOf("amd64"),
  arm64: parameterOf("arm64"),
};

function parameterOf(architecture: string): string {
  return `/aws/service/canonical/ubuntu/server/24.04/stable/current/${architecture}/hvm/ebs-gp3/ami-id`;
}

/** The images to start, by architecture.
 * @param image `ubuntu-24.04`: the current one of Canonical's, as the parameters say that they publish; where these
 * cannot be read, the newest that is listed. Or `ami-…`, which has one architecture
 * @throws {UserError} when there is none · {ProviderFailure} */
export async function findImages(
  ec2: Ec2Region,
  image: string,
  access: AwsAccess,
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<Architecture, string>> {
  const named = image.startsWith("ami-");
  const published = named ? new Map() : await publishedImages(ec2.region, access, abortSignal);
  const isWhole = published.size === Object.keys(PARAMETERS).length;
  const found = isWhole ? published : await listedImages(ec2, image, abortSignal);
  if (found.size === 0) {
    throw new UserError("aws/no-image", `Cannot find the image ${image} in ${ec2.region}`);
  }
  return found;
}

/** Empty when they cannot be read: not everybody may, and not every region has them. */
async function publishedImages(
  region: string,
  access: AwsAccess,
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<Architecture, string>> {
  // Loaded here: most commands ask for no image.
  const { GetParametersCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  const client = new SSMClient({ region, maxAttempts: 2, ...access });
  try {
    const names = Object.values(PARAMETERS);
    const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: names }), {
      abortSignal,
    });
    const values = new Map(Parameters.map(({ Name, Value }) => [Name, Value]));
    const images = Object.entries(PARAMETERS).flatMap(([architecture, name]) => {
      const image = values.get(name);
      return image === undefined ? [] : [[architecture as Architecture, image] as const];
    });
    return new Map(images);
  } catch {
    abortSignal.throwIfAborted();
    return new Map();
  } finally {
    client.destroy();
  }
}

async function listedImages(
  { asking }: Ec2Region,
  image: string,
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<Architecture, string>> {
  const query = image.startsWith("ami-") ? { ImageIds: [image] } : {
    Owners: [CANONICAL],
    Filters: [{ Name: "name", Values: [NAME] }, { Name: "state", Values: ["available"] }],
  };
  const { Images = [] } = await calling(
    asking.send(new DescribeImagesCommand(query), { abortSignal }),
  );
  const newestFirst = Images.toSorted((a, b) =>
    (b.CreationDate ?? "").localeCompare(a.CreationDate ?? "")
  );
  const found = new Map<Architecture, string>();
  for (const { Architecture: architecture, ImageId } of newestFirst) {
    if (ImageId === undefined) continue;
    if (architecture !== "x86_64" && architecture !== "arm64") continue;
    if (!found.has(architecture)) found.set(architecture, ImageId);
  }
  return found;
}
