import { assertEquals } from "@std/assert";
import { failureOfEc2 } from "../../../provision/providers/aws/failure_codes.ts";

const kindOf = (name: string, httpStatusCode?: number) =>
  failureOfEc2({ name, message: "words", $metadata: { httpStatusCode } }).kind;

Deno.test("failureOfEc2() tells what passes, what a pool lacks, and what a person must mend", () => {
  const kinds = [
    "InsufficientInstanceCapacity",
    "Unsupported",
    "VcpuLimitExceeded",
    "RequestLimitExceeded",
    "InvalidInstanceID.NotFound",
    "InvalidAMIID.NotFound",
    "IdempotentParameterMismatch",
    "UnauthorizedOperation",
  ].map((code) => kindOf(code, 400));
  assertEquals(kinds, [
    "no_capacity",
    "unsupported",
    "market_quota",
    "busy",
    "not_visible",
    "bad_image",
    "token_reused",
    "denied",
  ]);
});

Deno.test("failureOfEc2() takes server errors and silence as busy, and unknown refusals as final", () => {
  assertEquals([kindOf("Oops", 500), kindOf("TimeoutError"), kindOf("Oops", 400)], [
    "busy",
    "busy",
    "refused",
  ]);
});
