import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
} from "@aws-sdk/client-ec2";
import { UserError } from "../../../src/base/errors.ts";
import { ProviderFailure } from "../provider.ts";
import { calling, type Ec2Region } from "./ec2_region.ts";

/** Checks that who we are may do what we will do, by calls that do nothing (DryRun).
 * @throws {UserError} naming the region and each action that is not allowed, or saying that there are no credentials ·
 * {ProviderFailure} when EC2 does not answer */
export async function assertPermissions(
  { acting, asking, region }: Ec2Region,
  abortSignal: AbortSignal,
): Promise<void> {
  const options = { abortSignal };
  const DryRun = true;
  const denied = await Promise.all([
    refusal(
      "ec2:DescribeInstances",
      asking.send(new DescribeInstancesCommand({ DryRun }), options),
    ),
    refusal(
      "ec2:CreateSecurityGroup",
      acting.send(
        new CreateSecurityGroupCommand({
          DryRun,
          GroupName: "tradewind",
          Description: "tradewind",
        }),
        options,
      ),
    ),
    refusal(
      "ec2:CreateLaunchTemplate",
      acting.send(
        new CreateLaunchTemplateCommand({
          DryRun,
          LaunchTemplateName: "tradewind",
          LaunchTemplateData: {},
        }),
        options,
      ),
    ),
    refusal(
      "ec2:CreateFleet",
      acting.send(
        new CreateFleetCommand({
          DryRun,
          LaunchTemplateConfigs: [],
          TargetCapacitySpecification: { TotalTargetCapacity: 1 },
        }),
        options,
      ),
    ),
  ]);
  const reasons = denied.filter((reason) => reason !== undefined);
  if (reasons.length > 0) {
    throw new UserError(
      "aws/not-allowed",
      `Cannot use AWS in ${region}: ${[...new Set(reasons)].join("; ")}`,
      {
        hint: "Log in, or have these actions allowed.",
      },
    );
  }
}

/** A dry run always fails; how tells whether it was allowed. */
async function refusal(action: string, call: Promise<unknown>): Promise<string | undefined> {
  try {
    await calling(call);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const { code, kind, message } = error.failure;
    if (code === "UnauthorizedOperation") return `${action} is not allowed`;
    if (kind === "denied") return `${code}: ${message}`;
    if (kind === "busy") throw error;
    return undefined;
  }
}
