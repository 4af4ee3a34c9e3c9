import { EC2Client } from "@aws-sdk/client-ec2";
import { ProviderFailure } from "../provider.ts";
import { failureOfEc2 } from "./failure_codes.ts";

/** How EC2 is reached. */
export interface AwsAccess {
  /** Default: AWS's own; for tests and for what speaks its protocol. */
  readonly endpoint?: string;
  /** Default: as the AWS SDK finds them: variables, profiles, SSO. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** EC2 in one region. */
export class Ec2Region implements Disposable {
  readonly region: string;
  /** For questions: asks again by itself when EC2 is busy. */
  readonly asking: EC2Client;
  /** For what makes or ends something: asks once, since the SDK would ask three times for a machine that is not there. */
  readonly acting: EC2Client;

  constructor(region: string, access: AwsAccess) {
    this.region = region;
    this.asking = new EC2Client({ region, maxAttempts: 4, ...access });
    this.acting = new EC2Client({ region, maxAttempts: 1, ...access });
  }

  /** Closes its connections. */
  [Symbol.dispose](): void {
    this.asking.destroy();
    this.acting.destroy();
  }
}

/** What a call gives; what it throws, as a {@linkcode ProviderFailure}. */
export async function calling<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const failure = failureOfEc2(error as Error);
    throw new ProviderFailure(failure, { cause: error });
  }
}

/** The same, but for codes that mean that what was wanted is so already.
 * @returns undefined for one of these */
export async function callingUnless<T>(
  codes: readonly string[],
  call: Promise<T>,
): Promise<T | undefined> {
  try {
    return await calling(call);
  } catch (error) {
    if (error instanceof ProviderFailure && codes.includes(error.failure.code)) return undefined;
    throw error;
  }
}
