import { Buffer } from "node:buffer";
import {
  CreateLaunchTemplateCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
} from "@aws-sdk/client-ec2";
import { calling, callingUnless, type Ec2Region } from "./ec2_region.ts";
import { clusterFilter, tagList } from "./tags.ts";

/** What all machines of a launch share. */
export interface TemplateOptions {
  readonly launchId: string;
  readonly token: string;
  readonly groupId: string;
  readonly diskGib: number;
  readonly userData: string;
  /** The name of the instance profile that its machines have; undefined: none. */
  readonly profile: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** The name of a launch's template. */
export function templateNameOf(launchId: string): string {
  return `tradewind-${launchId}`;
}

/** Makes the template of a launch, unless it is there: metadata by tokens alone, an encrypted disk that goes with its
 * machine, and a shutdown that ends the machine, by which a forgotten one ends itself. No price limit: it would raise
 * interruptions, and the plan has its own.
 * @throws {ProviderFailure} */
export async function ensureLaunchTemplate(
  { acting }: Ec2Region,
  { launchId, token, groupId, diskGib, userData, profile, tags }: TemplateOptions,
  abortSignal: AbortSignal,
): Promise<void> {
  const Tags = tagList(tags);
  await callingUnless(
    ["InvalidLaunchTemplateName.AlreadyExistsException"],
    acting.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: templateNameOf(launchId),
        ClientToken: token.slice(0, 64),
        TagSpecifications: [{ ResourceType: "launch-template", Tags }],
        LaunchTemplateData: {
          UserData: Buffer.from(userData).toString("base64"),
          InstanceInitiatedShutdownBehavior: "terminate",
          ...(profile === undefined ? {} : { IamInstanceProfile: { Name: profile } }),
          MetadataOptions: {
            HttpEndpoint: "enabled",
            HttpTokens: "required",
            HttpPutResponseHopLimit: 1,
          },
          NetworkInterfaces: [{
            DeviceIndex: 0,
            AssociatePublicIpAddress: true,
            DeleteOnTermination: true,
            Groups: [groupId],
          }],
          BlockDeviceMappings: [{
            DeviceName: "/dev/sda1",
            Ebs: {
              VolumeSize: diskGib,
              VolumeType: "gp3",
              Encrypted: true,
              DeleteOnTermination: true,
            },
          }],
          TagSpecifications: [
            { ResourceType: "instance", Tags },
            { ResourceType: "volume", Tags },
            { ResourceType: "network-interface", Tags },
          ],
        },
      }),
      { abortSignal },
    ),
  );
}

/** Removes the templates of a cluster.
 * @throws {ProviderFailure} */
export async function removeLaunchTemplates(
  { asking, acting }: Ec2Region,
  cluster: string,
  abortSignal: AbortSignal,
): Promise<void> {
  const { LaunchTemplates = [] } = await calling(asking.send(
    new DescribeLaunchTemplatesCommand({ Filters: [clusterFilter(cluster)] }),
    { abortSignal },
  ));
  for (const { LaunchTemplateId } of LaunchTemplates) {
    await callingUnless(
      ["InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.NotFoundException"],
      acting.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }), { abortSignal }),
    );
  }
}
