import { DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { UserError } from "../../../src/base/errors.ts";
import type { Architecture } from "../../config/cluster_config.ts";
import { calling, type Ec2Region } from "./ec2_region.ts";

/** Canonical's account: an image of the same name by anybody else is not taken. */
const CANONICAL = "099720109477";
const NAME = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-*-server-*";

/** The images to start, by architecture.
 * @param image `ubuntu-24.04`: the newest of Canonical's; or `ami-…`, which has one architecture
 * @throws {UserError} when there is none · {ProviderFailure} */
export async function findImages(
  { asking, region }: Ec2Region,
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
  if (found.size === 0) throw new UserError(`Cannot find the image ${image} in ${region}`);
  return found;
}
