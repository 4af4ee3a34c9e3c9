import { assertNever } from "../../src/base/errors.ts";

/** What a provider's refusal means; each provider translates its own codes.
 *
 * - `no_capacity`: the pool has no machine now.
 * - `unsupported`: the pool never has what was asked for.
 * - `market_quota`: the account may not have more of this market in this region.
 * - `busy`: throttled, a server's error, no answer: whether it was done is unknown.
 * - `not_visible`: what was made is not shown yet.
 * - `bad_image`: the image is not there.
 * - `token_reused`: the token belongs to another request: a defect of ours.
 * - `denied`: a permission or an account's state.
 * - `refused`: anything else that asking again will not change. */
export type FailureKind =
  | "no_capacity"
  | "unsupported"
  | "market_quota"
  | "busy"
  | "not_visible"
  | "bad_image"
  | "token_reused"
  | "denied"
  | "refused";

/** A refusal of a provider. */
export interface Failure {
  readonly kind: FailureKind;
  /** The provider's code, for people. */
  readonly code: string;
  /** The provider's words, and what to do where that is known. */
  readonly message: string;
  /** The pool that it is about; undefined: the whole request. */
  readonly poolId: string | undefined;
}

/** What follows from a failure. */
export type Consequence =
  /** The pool is left out until then. */
  | { readonly type: "CoolPool"; readonly poolId: string; readonly untilMs: number }
  /** This market of this region is left out until then. */
  | { readonly type: "CloseMarket"; readonly untilMs: number }
  /** The same request, with the same token, not before then. */
  | { readonly type: "AskAgain"; readonly atMs: number }
  /** The image is looked up again, and the same is asked again. */
  | { readonly type: "ResolveImage" }
  /** Nothing more is launched until a person has looked; what is there is kept. */
  | { readonly type: "Stop" };

/** How long a pool without capacity is left out, the first, second and any later time. */
export const COOL_POOL_MS: readonly number[] = [180_000, 300_000, 600_000];
/** How long a pool that never has what was asked for is left out, and a market whose quota is reached. */
export const BLOCK_MS = 86_400_000;
const NOT_VISIBLE_PATIENCE_MS = 60_000;
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MOST_MS = 60_000;
/** A busy provider is asked so often for one launch; then a person shall look. */
export const MAX_CALLS = 12;

/** What came before a failure. */
export interface FailureContext {
  readonly nowMs: number;
  /** How often this launch was called, this time included. */
  readonly calls: number;
  /** When it was called first. */
  readonly firstCallAtMs: number;
  /** How often this pool was cooled before. */
  readonly timesCooled: number;
  /** Whether the image was resolved again already. */
  readonly imageResolvedAgain: boolean;
  /** In [0, 1), from the shell: spreads the callers of a busy provider. */
  readonly jitter: number;
}

/** What follows from a failure of a launch. Fatal kinds give `Stop`, never another pool: more of the same would fail
 * in the same way, or spend what nobody wanted to spend. */
export function consequenceOf(failure: Failure, context: FailureContext): Consequence {
  const { nowMs } = context;
  switch (failure.kind) {
    case "no_capacity": {
      const coolMs = COOL_POOL_MS[Math.min(context.timesCooled, COOL_POOL_MS.length - 1)];
      return failure.poolId === undefined
        ? askAgain(context)
        : { type: "CoolPool", poolId: failure.poolId, untilMs: nowMs + coolMs };
    }
    case "unsupported":
      return failure.poolId === undefined
        ? { type: "Stop" }
        : { type: "CoolPool", poolId: failure.poolId, untilMs: nowMs + BLOCK_MS };
    case "market_quota":
      return { type: "CloseMarket", untilMs: nowMs + BLOCK_MS };
    case "busy":
      return context.calls >= MAX_CALLS ? { type: "Stop" } : askAgain(context);
    case "not_visible":
      return nowMs - context.firstCallAtMs >= NOT_VISIBLE_PATIENCE_MS
        ? { type: "Stop" }
        : askAgain(context);
    case "bad_image":
      return context.imageResolvedAgain ? { type: "Stop" } : { type: "ResolveImage" };
    case "token_reused":
    case "denied":
    case "refused":
      return { type: "Stop" };
    default:
      return assertNever(failure.kind);
  }
}

/** Exponential, from half of it to all of it at random ("equal jitter"; Brooker, AWS Architecture Blog, 2015). */
function askAgain({ nowMs, calls, jitter }: FailureContext): Consequence {
  const ceiling = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** (calls - 1));
  return { type: "AskAgain", atMs: nowMs + ceiling / 2 + jitter * ceiling / 2 };
}
