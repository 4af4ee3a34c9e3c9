/** Where a flow run or a task run stands. `Completed`, `Cached`, `Cancelled`, `Failed`, `Crashed` and `TimedOut` are
 * ends: `Crashed` says that the process which ran it is gone, `Failed` that the function threw. */
export type RunState =
  | "Scheduled"
  | "Pending"
  | "Running"
  | "Retrying"
  | "Paused"
  | "Cancelling"
  | "Cancelled"
  | "Completed"
  | "Cached"
  | "Failed"
  | "Crashed"
  | "TimedOut";

/** A flow run can be opened again after a bad end; a task run cannot: the next execution makes a new one. */
export type RunKind = "flow" | "task";

/** What the state machine knows of a run. */
export interface Run {
  readonly kind: RunKind;
  readonly state: RunState;
  /** A task run's attempts, a flow run's executions, the present one included; 0 before the first. */
  readonly attempt: number;
}

/** What can happen to a run. */
export type RunEventType =
  | "Deferred"
  | "BecameDue"
  | "Started"
  | "AttemptFailed"
  | "RetryStarted"
  | "PauseRequested"
  | "Unpaused"
  | "CancelRequested"
  | "CancelConfirmed"
  | "FoundInCache"
  | "Succeeded"
  | "Failed"
  | "TimedOut"
  | "Crashed"
  | "Reopened";

/** Something that happened to a run, and why. */
export interface RunEvent {
  readonly type: RunEventType;
  /** For people; "" where the type says it all. */
  readonly reason: string;
}

interface Rule {
  readonly for: readonly RunKind[];
  readonly moves: Readonly<Partial<Record<RunState, RunState>>>;
}

const BOTH: readonly RunKind[] = ["flow", "task"];

/** Every transition that is allowed; what is not listed is refused. */
const RULES: Readonly<Record<RunEventType, Rule>> = {
  // It waits for its time, or for a place under a limit.
  Deferred: { for: BOTH, moves: { Pending: "Scheduled" } },
  BecameDue: { for: BOTH, moves: { Scheduled: "Pending" } },
  Started: { for: BOTH, moves: { Pending: "Running" } },
  AttemptFailed: { for: BOTH, moves: { Running: "Retrying" } },
  RetryStarted: { for: BOTH, moves: { Retrying: "Running" } },
  PauseRequested: { for: ["flow"], moves: { Pending: "Paused", Running: "Paused" } },
  Unpaused: { for: ["flow"], moves: { Paused: "Running" } },
  CancelRequested: {
    for: BOTH,
    // Only one that was started has something to stop; the others are cancelled at once.
    moves: {
      Scheduled: "Cancelled",
      Pending: "Cancelled",
      Retrying: "Cancelled",
      Running: "Cancelling",
      Paused: "Cancelling",
    },
  },
  CancelConfirmed: { for: BOTH, moves: { Cancelling: "Cancelled" } },
  FoundInCache: { for: ["task"], moves: { Pending: "Cached" } },
  Succeeded: { for: BOTH, moves: { Running: "Completed" } },
  Failed: { for: BOTH, moves: { Pending: "Failed", Running: "Failed", Paused: "Failed" } },
  TimedOut: {
    for: BOTH,
    moves: { Running: "TimedOut", Retrying: "TimedOut", Paused: "TimedOut" },
  },
  Crashed: {
    for: BOTH,
    moves: {
      Scheduled: "Crashed",
      Pending: "Crashed",
      Running: "Crashed",
      Retrying: "Crashed",
      Paused: "Crashed",
      Cancelling: "Crashed",
    },
  },
  Reopened: {
    for: ["flow"],
    moves: { Cancelled: "Running", Failed: "Running", Crashed: "Running", TimedOut: "Running" },
  },
};

const ATTEMPT_STARTS: ReadonlySet<RunEventType> = new Set(["Started", "RetryStarted", "Reopened"]);

const TERMINAL: ReadonlySet<RunState> = new Set<RunState>([
  "Cancelled",
  "Completed",
  "Cached",
  "Failed",
  "Crashed",
  "TimedOut",
]);

/** The states that are no ends. */
export const OPEN_STATES: readonly RunState[] = [
  "Scheduled",
  "Pending",
  "Running",
  "Retrying",
  "Paused",
  "Cancelling",
];

/** Whether a state is an end. */
export function isTerminal(state: RunState): boolean {
  return TERMINAL.has(state);
}

/** A run that waits for its start. */
export function pendingRun(kind: RunKind): Run {
  return { kind, state: "Pending", attempt: 0 };
}

/** The run after an event.
 * @throws {Error} when the event cannot happen to a run of this kind in this state: the caller has a defect */
export function transition(run: Run, event: RunEvent): Run {
  const rule = RULES[event.type];
  const state = rule.for.includes(run.kind) ? rule.moves[run.state] : undefined;
  if (state === undefined) {
    throw new Error(
      `Cannot apply ${event.type} (${event.reason || "no reason given"}) to a ${run.kind} run: ` +
        `its state is ${run.state} in attempt ${run.attempt}`,
    );
  }
  return { ...run, state, attempt: run.attempt + (ATTEMPT_STARTS.has(event.type) ? 1 : 0) };
}
