import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  BLOCK_MS,
  consequenceOf,
  COOL_POOL_MS,
  type Failure,
  type FailureContext,
  type FailureKind,
  MAX_CALLS,
} from "../../../provision/planning/failures.ts";

const CONTEXT: FailureContext = {
  nowMs: 1_000_000,
  calls: 1,
  firstCallAtMs: 1_000_000,
  timesCooled: 0,
  imageResolvedAgain: false,
  jitter: 0.5,
};

function failure(kind: FailureKind, poolId?: string): Failure {
  return { kind, code: "Code", message: "words", poolId };
}

Deno.test("consequenceOf() cools a pool without capacity for 3, 5, then 10 minutes", () => {
  const untils = [0, 1, 2, 7].map((timesCooled) => {
    const consequence = consequenceOf(failure("no_capacity", "p"), { ...CONTEXT, timesCooled });
    return consequence.type === "CoolPool" ? consequence.untilMs - CONTEXT.nowMs : undefined;
  });
  assertEquals(untils, [180_000, 300_000, 600_000, 600_000]);
  assertEquals(COOL_POOL_MS[0], 180_000);
});

Deno.test("consequenceOf() blocks a pool that never has it, and a market whose quota is reached, for a day", () => {
  const untilMs = CONTEXT.nowMs + BLOCK_MS;
  assertEquals(consequenceOf(failure("unsupported", "p"), CONTEXT), {
    type: "CoolPool",
    poolId: "p",
    untilMs,
  });
  assertEquals(consequenceOf(failure("market_quota"), CONTEXT), { type: "CloseMarket", untilMs });
});

Deno.test("consequenceOf() asks a busy provider again, ever later, at most for a minute, and not for ever", () => {
  const waits = [1, 2, 3, 8].map((calls) => {
    const consequence = consequenceOf(failure("busy"), { ...CONTEXT, calls });
    return consequence.type === "AskAgain" ? consequence.atMs - CONTEXT.nowMs : undefined;
  });
  assertEquals(waits, [750, 1_500, 3_000, 45_000]);
  assertEquals(consequenceOf(failure("busy"), { ...CONTEXT, calls: MAX_CALLS }).type, "Stop");
});

Deno.test("consequenceOf() looks an image up again once, then stops", () => {
  assertEquals(consequenceOf(failure("bad_image"), CONTEXT).type, "ResolveImage");
  const again = { ...CONTEXT, imageResolvedAgain: true };
  assertEquals(consequenceOf(failure("bad_image"), again).type, "Stop");
});

Deno.test("consequenceOf() waits a minute for what is not shown yet", () => {
  assertEquals(consequenceOf(failure("not_visible"), CONTEXT).type, "AskAgain");
  const late = { ...CONTEXT, firstCallAtMs: CONTEXT.nowMs - 60_000 };
  assertEquals(consequenceOf(failure("not_visible"), late).type, "Stop");
});

Deno.test("consequenceOf() never turns a fatal failure into a try elsewhere", () => {
  const fatal = fc.constantFrom<FailureKind>("token_reused", "denied", "refused");
  fc.assert(fc.property(fatal, fc.option(fc.string(), { nil: undefined }), (kind, poolId) => {
    assertEquals(consequenceOf(failure(kind, poolId), CONTEXT), { type: "Stop" });
  }));
});
