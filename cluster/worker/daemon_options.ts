import type { Resources } from "../scheduler/types.ts";
import type { OpenHeadLink } from "./head_link.ts";
import type { NodeObjectsOptions } from "./node_objects.ts";

/** What a worker needs to join a cluster. */
export interface DaemonOptions extends NodeObjectsOptions {
  /** Its way to the head. */
  readonly openLink: OpenHeadLink;
  readonly workerId: string;
  readonly capacity: Resources;
  /** Folders into which tasks may write. */
  readonly writableDirs: readonly string[];
  /** Hosts that tasks may reach when they ask for it, as `host` or `host:port`; `*` for all. */
  readonly allowedNet: readonly string[];
  /** The deno.json by which the modules of tasks resolve their imports; default: the one next to their project. */
  readonly configPath: string | undefined;
  /** Whether packages come from Deno's cache on this machine alone; default: no. */
  readonly isOffline?: boolean;
  /** The memory that an attempt may have for each cpu that it takes, when it names no memory; undefined: no limit. */
  readonly memoryPerSlotBytes: number | undefined;
  /** The file that keeps what tasks write and what the daemon has to say. */
  readonly logPath: string;
  /** Keeps a new token where the old one was; default: the token is not kept by this worker. */
  readonly keepToken?: (token: string) => void;
}
