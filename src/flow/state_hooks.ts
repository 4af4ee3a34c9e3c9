import type { RunKind, RunState } from "./states.ts";

/** A change of state, told after it was stored. */
export interface StateChange {
  /** Of what. */
  readonly kind: RunKind;
  /** Of the flow run. */
  readonly runId: string;
  /** Of the flow. */
  readonly flow: string;
  /** Of the task; null: the flow run itself. */
  readonly task: string | null;
  /** Of the task run; null: the flow run itself. */
  readonly taskSeq: number | null;
  /** The state until now. */
  readonly from: RunState;
  /** The state since then. */
  readonly to: RunState;
  /** "" where the states say it all. */
  readonly reason: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** What is called when a run has come into a state. What it throws is written to the run's log, and changes nothing. */
export type StateHook = (change: StateChange) => void | Promise<void>;

/** Hooks by the state that they wait for. */
export type StateHooks = Readonly<Partial<Record<RunState, StateHook | readonly StateHook[]>>>;

/** The hooks that wait for a state. */
export function hooksFor(hooks: StateHooks, state: RunState): readonly StateHook[] {
  const found = hooks[state];
  if (found === undefined) return [];
  return typeof found === "function" ? [found] : found;
}
