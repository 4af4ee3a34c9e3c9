import type { Failure } from "./failures.ts";
import type { Machine, Market, Pool } from "./machine.ts";
import type { NodePhase } from "./state.ts";

/** A line of the journal: what was intended, called, answered or seen, and when. The state of a cluster is the fold
 * of these. */
export type JournalEvent = { readonly atMs: number } & JournalEventBody;

/** A journal's event before it has its time. */
export type JournalEventBody =
  /** The first line. */
  | {
    readonly type: "ClusterBegun";
    readonly cluster: string;
    /** Never used before: a lost journal starts another generation, whose tokens collide with none. */
    readonly generation: string;
  }
  /** Something may be made in this region from now on: `down` looks here. */
  | { readonly type: "RegionUsed"; readonly region: string }
  /** Machines shall be launched; the call was not made yet. */
  | {
    readonly type: "LaunchIntended";
    readonly launchId: string;
    readonly token: string;
    readonly region: string;
    readonly market: Market;
    readonly pools: readonly Pool[];
    readonly count: number;
    readonly holdsHead: boolean;
  }
  /** The call is made now; whether it arrives is open until it is answered. */
  | { readonly type: "LaunchCalled"; readonly launchId: string }
  /** The call was answered for good: these machines, and why there are no more. */
  | {
    readonly type: "LaunchAnswered";
    readonly launchId: string;
    readonly machines: readonly Machine[];
    readonly failures: readonly Failure[];
  }
  /** The call failed as a whole. */
  | {
    readonly type: "LaunchFailed";
    readonly launchId: string;
    readonly failure: Failure;
    readonly jitter: number;
  }
  /** No machine of this launch was ever seen, and it is not called any more. */
  | { readonly type: "LaunchAbandoned"; readonly launchId: string; readonly reason: string }
  /** A machine that carries the cluster's tag was found: of a launch without an answer, or of a lost journal. */
  | { readonly type: "MachineFound"; readonly nodeId: string; readonly machine: Machine }
  /** The address of a node's machine became known. */
  | { readonly type: "AddressKnown"; readonly nodeId: string; readonly address: string }
  /** What was seen of a node. */
  | {
    readonly type: "NodeMoved";
    readonly nodeId: string;
    readonly phase: NodePhase;
    readonly reason: string;
  }
  /** This node's worker shall finish and end; it is asked now. */
  | { readonly type: "DrainCalled"; readonly nodeId: string; readonly reason: string }
  /** These machines shall end; the call is made now. */
  | {
    readonly type: "TerminateCalled";
    readonly nodeIds: readonly string[];
    readonly reason: string;
  }
  /** A person looked: launches may go on, also where they were refused. */
  | { readonly type: "Resumed"; readonly times: number }
  /** Nothing is left in any region. */
  | { readonly type: "ClusterEnded" }
  /** What people should know; about a node, or all. */
  | { readonly type: "Noted"; readonly nodeId: string | undefined; readonly message: string };
