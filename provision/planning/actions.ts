import type { Machine, Market, Pool } from "./machine.ts";
import type { NodePhase } from "./state.ts";

/** What the plan wants done next. Each may be done twice with the effect of once. */
export type Action =
  /** Writes the intent of a launch into the journal; the plan after it calls it. */
  | {
    readonly type: "IntendLaunch";
    readonly launchId: string;
    readonly region: string;
    readonly market: Market;
    readonly pools: readonly Pool[];
    readonly count: number;
    /** Whether the head shall run on its machine. */
    readonly holdsHead: boolean;
  }
  /** Makes the call of an intended launch, or the same call again with the same token. */
  | { readonly type: "CallLaunch"; readonly launchId: string }
  /** Gives up a launch of which no machine was seen. */
  | { readonly type: "AbandonLaunch"; readonly launchId: string; readonly reason: string }
  /** Takes a machine with the cluster's tag for a node: one of an unanswered launch, or a new one. */
  | { readonly type: "TakeMachine"; readonly nodeId: string; readonly machine: Machine }
  | { readonly type: "NoteAddress"; readonly nodeId: string; readonly address: string }
  | {
    readonly type: "MoveNode";
    readonly nodeId: string;
    readonly phase: NodePhase;
    readonly reason: string;
  }
  /** Turns a running machine into a worker: shell, bootstrap, daemon. Goes on for long; the plan does not wait. */
  | { readonly type: "BringUp"; readonly nodeId: string }
  /** Asks a node's worker to take nothing more and to end. */
  | { readonly type: "DrainNode"; readonly nodeId: string; readonly reason: string }
  | {
    readonly type: "TerminateNodes";
    readonly nodeIds: readonly string[];
    readonly reason: string;
  }
  /** Removes what a region has beside machines: security group, launch template. */
  | { readonly type: "CleanRegion"; readonly region: string }
  /** Ends the node on which the head runs, and with it what its region holds beside machines: all others are gone. */
  | { readonly type: "EndHeadNode"; readonly nodeId: string }
  /** Writes that the cluster is gone: every region was seen empty, and is clean. */
  | { readonly type: "EndCluster" };

/** Why the plan has nothing more to do now, for people. */
export interface PlanNote {
  readonly type: "short" | "stopped" | "waiting";
  readonly message: string;
  /** When it changes by itself; undefined: when something happens, or never. */
  readonly untilMs: number | undefined;
}

/** What to do now, and what people should know. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly notes: readonly PlanNote[];
  /** Whether all that is wanted is there: that many ready workers, or nothing at all. */
  readonly isReached: boolean;
}
