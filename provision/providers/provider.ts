import type { ErrorCode } from "../../src/base/error_codes/error_codes.ts";
import type { Failure, FailureKind } from "../planning/failures.ts";
import type { Machine, Market, Pool } from "../planning/machine.ts";
import type { Host } from "../ssh/host.ts";
import type { NodeLayout } from "./node_layout.ts";

/** Where machines come from. To write another one (a cloud, a batch system, a container platform):
 *
 * - **Tags at birth.** Everything that costs money carries the cluster and the launch from the call that makes it: what
 *   is made first and tagged later leaks when we die between. `list` finds by the tag alone; a lost journal is rebuilt
 *   from it.
 * - **Same token, same machines.** `launch` with a token that was used answers as it did then. Where the provider has
 *   no such tokens, look for the launch's tag first.
 * - **Do not retry.** The reconciler counts and waits; a failure is thrown as {@linkcode ProviderFailure} with what it
 *   means. Failures of single pools are a part of the answer.
 * - **Everything may be asked twice**: terminating what is gone and cleaning what is clean succeed. */
export interface Provider extends AsyncDisposable {
  readonly name: string;
  /** Whether `list` surely shows all that is there; else an absence has to last before it is believed. */
  readonly showsAll: boolean;
  /** Where to look for machines, beside what the journal names. */
  readonly regions: readonly string[];
  /** Checks credentials, permissions and what the configuration names, before anything is made.
   * @throws {UserError} naming what is missing */
  preflight(signal: AbortSignal): Promise<void>;
  /** All pools that satisfy the configuration, with their prices of now. */
  pools(signal: AbortSignal): Promise<readonly Pool[]>;
  /** Every machine of a region that carries the cluster's tag, also ended ones that are still shown.
   * @throws {ProviderFailure} */
  list(region: string, signal: AbortSignal): Promise<readonly Machine[]>;
  /** Launches machines. The region holds something from now on: see `cleanRegion`.
   * @throws {ProviderFailure} when nothing was launched, or when that is unknown (`busy`) */
  launch(request: LaunchRequest, signal: AbortSignal): Promise<LaunchAnswer>;
  /** Ends machines; those that are gone already are no failure.
   * @throws {ProviderFailure} */
  terminate(region: string, machineIds: readonly string[], signal: AbortSignal): Promise<void>;
  /** Removes what a region holds beside machines.
   * @returns false while something cannot be removed yet
   * @throws {ProviderFailure} */
  cleanRegion(region: string, signal: AbortSignal): Promise<boolean>;
  /** Ends the machine on which this runs, the last one of its cluster, and what its region holds beside it: that goes
   * first where the machine's end is ours.
   * @returns false while something cannot be removed yet
   * @throws {ProviderFailure} */
  endHere(region: string, machineId: string, signal: AbortSignal): Promise<boolean>;
  /** A shell on a machine that runs.
   * @throws {HostError} naming the machine and what to look at */
  connect(target: ConnectTarget, signal: AbortSignal): Promise<Host>;
  /** In the first session with a machine, before anything is sent there: gives it a host key of its own where the one
   * that it was launched with is not. */
  settleHostKey(target: ConnectTarget, host: Host, signal: AbortSignal): Promise<void>;
  /** Where a node is on its machine, and how the machine ends itself.
   * @param host an open shell on it */
  layout(target: ConnectTarget, host: Host): Promise<NodeLayout>;
  /** Program and arguments that open a shell on a machine for a person. */
  shellCommand(target: ConnectTarget): readonly string[];
  /** What the machine wrote to its console, for a diagnosis; undefined where there is none. */
  consoleOutput(
    region: string,
    machineId: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

/** Which machine to connect to. */
export interface ConnectTarget {
  readonly nodeId: string;
  readonly machineId: string;
  readonly launchId: string;
  readonly address: string;
}

/** What to launch. */
export interface LaunchRequest {
  readonly launchId: string;
  /** Makes the call one that can be made twice. */
  readonly token: string;
  readonly region: string;
  readonly market: Market;
  /** Best first; any of them will do. */
  readonly pools: readonly Pool[];
  readonly count: number;
  /** Whether the head shall run on its machine: it may then do what a keeper does. */
  readonly holdsHead: boolean;
  /** When the machines shall end by themselves, in milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /** Whether what is remembered about images is not to be trusted. */
  readonly resolveImageAgain: boolean;
}

/** What came of a launch: fewer machines than wanted is an answer, not an error. */
export interface LaunchAnswer {
  readonly machines: readonly Machine[];
  readonly failures: readonly Failure[];
}

const CODES: Readonly<Record<FailureKind, ErrorCode>> = {
  no_capacity: "provider/no-capacity",
  unsupported: "provider/unsupported",
  market_quota: "provider/quota",
  busy: "provider/busy",
  not_visible: "provider/not-visible",
  bad_image: "provider/bad-image",
  token_reused: "provider/token-reused",
  denied: "provider/denied",
  refused: "provider/refused",
};

/** A request that failed as a whole. */
export class ProviderFailure extends Error {
  /** Tells it from other errors. */
  override readonly name = "ProviderFailure";
  /** What it means. */
  readonly failure: Failure;
  /** What it is called in src/ERRORS.md. */
  readonly code: ErrorCode;

  /** Takes the meaning; the message is made of it. */
  constructor(failure: Failure, options: { cause?: unknown } = {}) {
    super(`${failure.code}: ${failure.message}`, options);
    this.failure = failure;
    this.code = CODES[failure.kind];
  }
}
