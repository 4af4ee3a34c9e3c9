/** What a cluster shall be: `cluster.jsonc` with everything filled in. Keys are spelled as in the file, so that
 * messages and the file share one name. */
export interface ClusterConfig {
  /** Of the cluster: tags, folders and services carry it. 1 to 32 lower-case letters, digits and `-`. */
  readonly name: string;
  /** Where its machines come from. */
  readonly provider: ProviderName;
  /** Where the head runs, and with it what keeps the nodes; workers reach it through reverse SSH tunnels. `local`: in a
   * process beside the user's. `node`: on the first node, which gets the keys of the others; the user's machine may go
   * away, and comes back through SSH. Of bought machines that is one on demand, with `aws.head_profile`. */
  readonly head: "local" | "node";
  /** How many workers there shall be. */
  readonly workers: WorkersConfig;
  /** A machine ends itself so long after its launch, whoever is still there. Default 12. */
  readonly ttl_hours: number;
  /** A machine that hears nothing of the head for so long ends itself. Default 15. */
  readonly lease_minutes: number;
  /** Workers above `workers.min` end after so long without a task; 0: never. Default 30. */
  readonly autostop_minutes: number;
  /** The plan never goes above it, all machines together. Default 10. */
  readonly max_usd_per_hour: number;
  /** Where a copy of the journal, the keys and the head's state is kept: `s3://BUCKET/PREFIX`, or an absolute path; by it
   * the cluster can be taken over when this machine is lost. Whoever can read it can log in to the nodes, and sees what
   * tasks are given. Default: nowhere. */
  readonly mirror?: string;
  /** Variables of the daemons; only `TV_*` reach tasks. */
  readonly env: Readonly<Record<string, string>>;
  /** Shell commands, run on each machine as root (or with sudo) before its daemon starts; they must bear repetition. */
  readonly setup: readonly string[];
  /** How machines are bought; for the provider `aws`. */
  readonly aws: AwsConfig;
  /** Machines that are there already; for the provider `ssh`. */
  readonly ssh: SshConfig;
}

/** Names of the providers. */
export const PROVIDERS = ["aws", "ssh", "local"] as const;

/** Where machines come from: bought from EC2, there already, or this very machine. */
export type ProviderName = (typeof PROVIDERS)[number];

/** Section `workers`. */
export interface WorkersConfig {
  /** The autoscaler keeps as many. Default 0. */
  readonly min: number;
  /** Never more, launches in flight included. Default 2. */
  readonly max: number;
  /** What `cluster:up` brings up; default: `max`. */
  readonly wanted: number;
  /** Tasks at a time on each; 0: one a core. Default 0. */
  readonly cpus: number;
}

/** Section `aws`. */
export interface AwsConfig {
  /** The first one that has what is wanted is taken. Default eu-central-1. */
  readonly regions: readonly string[];
  /** Of these zones alone; empty: all of the region. */
  readonly zones: readonly string[];
  /** Of these types alone; empty: all that satisfy `vcpus`, `memory_gib` and `architectures`. */
  readonly instance_types: readonly string[];
  /** Virtual CPUs of a machine. Default 4 to 8. */
  readonly vcpus: Range;
  /** Memory of a machine, in GiB. Default 8 to 64. */
  readonly memory_gib: Range;
  /** Default both. */
  readonly architectures: readonly Architecture[];
  /** Default `spot_with_base`. */
  readonly market: MarketRule;
  /** How many workers are bought on demand when the market is `spot_with_base`. Default 0. */
  readonly on_demand_base: number;
  /** `ubuntu-24.04`, the newest of Canonical's, or the id of an image, `ami-…`. */
  readonly image: string;
  /** The root disk, in GiB, encrypted. Default 30. */
  readonly disk_gib: number;
  /** Subnets with a route out; empty: those of the default VPC. */
  readonly subnets: readonly string[];
  /** From where port 22 is open: `my-address`, or blocks in CIDR notation. */
  readonly ssh_from: readonly string[];
  /** The instance profile by which the head's node buys and ends the others, when the head is on a node: its role must
   * be allowed what the user is, no other node has it, and no credentials are sent anywhere. */
  readonly head_profile?: string;
  /** Tags of all that is made, beside the cluster's own. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What a machine's processor understands, as EC2 spells it. */
export type Architecture = "x86_64" | "arm64";

/** How machines are bought: all spot, all on demand, or `on_demand_base` of them on demand and the rest spot. */
export type MarketRule = "spot" | "on_demand" | "spot_with_base";

/** From `min` to `max`, both included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Section `ssh`. */
export interface SshConfig {
  /** The machines; a worker each. */
  readonly hosts: readonly SshHost[];
  /** Where names of hosts are looked up. Default ~/.ssh/config. */
  readonly config_file: string;
  /** Where the keys of hosts are looked up that do not say theirs. Default ~/.ssh/known_hosts. */
  readonly known_hosts: string;
}

/** One machine that the user has. */
export interface SshHost {
  /** Its name, as in ~/.ssh/config, or its address. */
  readonly host: string;
  /** Default: as ~/.ssh/config says, else 22. */
  readonly port?: number;
  /** Default: as ~/.ssh/config says, else the current user. */
  readonly user?: string;
  /** The file of a private key without passphrase; default: as ~/.ssh/config says, else the usual ones. */
  readonly identity_file?: string;
  /** Its public key, `ssh-ed25519 AAAA…`; default: as known_hosts says. */
  readonly host_key?: string;
}

/** What holds where the file says nothing; `name` and `provider` must be said. */
export const CLUSTER_DEFAULTS = {
  head: "local",
  workers: { min: 0, max: 2, cpus: 0 },
  ttl_hours: 12,
  lease_minutes: 15,
  autostop_minutes: 30,
  max_usd_per_hour: 10,
  aws: {
    regions: ["eu-central-1"],
    zones: [],
    instance_types: [],
    vcpus: { min: 4, max: 8 },
    memory_gib: { min: 8, max: 64 },
    architectures: ["x86_64", "arm64"],
    market: "spot_with_base",
    on_demand_base: 0,
    image: "ubuntu-24.04",
    disk_gib: 30,
    subnets: [],
    ssh_from: ["my-address"],
    tags: {},
  },
  ssh: { hosts: [], config_file: "~/.ssh/config", known_hosts: "~/.ssh/known_hosts" },
} as const;
