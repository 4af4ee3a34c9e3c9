import type { Failure, FailureKind } from "../../planning/failures.ts";

const KINDS: Readonly<Record<string, FailureKind>> = {
  InsufficientInstanceCapacity: "no_capacity",
  UnfulfillableCapacity: "no_capacity",
  InsufficientCapacity: "no_capacity",
  InsufficientHostCapacity: "no_capacity",
  InsufficientFreeAddressesInSubnet: "no_capacity",
  SpotMaxPriceTooLow: "no_capacity",
  Unsupported: "unsupported",
  UnsupportedOperation: "unsupported",
  InvalidFleetConfiguration: "unsupported",
  MaxSpotInstanceCountExceeded: "market_quota",
  VcpuLimitExceeded: "market_quota",
  InstanceLimitExceeded: "market_quota",
  RequestLimitExceeded: "busy",
  Throttling: "busy",
  ThrottlingException: "busy",
  InternalError: "busy",
  InternalFailure: "busy",
  ServiceUnavailable: "busy",
  Unavailable: "busy",
  "InvalidInstanceID.NotFound": "not_visible",
  "InvalidLaunchTemplateName.NotFoundException": "not_visible",
  "InvalidGroup.NotFound": "not_visible",
  IdempotentParameterMismatch: "token_reused",
  UnauthorizedOperation: "denied",
  AuthFailure: "denied",
  OptInRequired: "denied",
  Blocked: "denied",
  ExpiredToken: "denied",
  RequestExpired: "denied",
  CredentialsProviderError: "denied",
};

const QUOTAS_URL = "https://console.aws.amazon.com/servicequotas/home/services/ec2/quotas";

/** What a refusal of EC2 means. A server's error (5xx) and no answer at all are `busy`: whether it was done is unknown.
 * @param error what the client threw: its `name` is EC2's code
 * @param poolId the pool that it is about; undefined: the whole request */
export function failureOfEc2(
  error: { readonly name?: string; readonly message?: string; readonly $metadata?: object },
  poolId?: string,
): Failure {
  const code = error.name || "UnknownError";
  const status = (error.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode;
  return failureOfCode(code, error.message ?? "", poolId, status);
}

/** The same for a code in an answer.
 * @param status of HTTP; undefined: no answer came, or the code is a part of one */
export function failureOfCode(
  code: string,
  message: string,
  poolId?: string,
  status?: number,
): Failure {
  const kind = kindOf(code, status);
  const hint = kind === "market_quota" ? ` Quotas: ${QUOTAS_URL}` : "";
  return { kind, code, message: `${message}${hint}`, poolId };
}

function kindOf(code: string, status: number | undefined): FailureKind {
  if (Object.hasOwn(KINDS, code)) return KINDS[code];
  if (code.startsWith("InvalidAMIID.")) return "bad_image";
  return status === undefined || status >= 500 ? "busy" : "refused";
}
