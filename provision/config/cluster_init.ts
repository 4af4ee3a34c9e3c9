import { CLUSTER_DEFAULTS, type ProviderName } from "./cluster_config.ts";

/** The text of a new `cluster.jsonc` with a comment on every key: what `cluster:init` writes. It can be used as it is,
 * but for the hosts of the provider `ssh`. */
export function clusterInitText(name: string, provider: ProviderName): string {
  const { aws, ttl_hours, lease_minutes, autostop_minutes, max_usd_per_hour } = CLUSTER_DEFAULTS;
  const sections = {
    aws: `
  // "local": beside you · "node": on a node, which needs a head_profile; you may go away.
  "head": "local",
  "aws": {
    // "head_profile": "NAME": the instance profile by which a head on a node buys and ends the others.
    // The first region that has what is wanted is taken.
    "regions": ${JSON.stringify(aws.regions)},
    // All types within these bounds compete, of both architectures and in all zones: that is what makes
    // spot machines cheap and lasting. "instance_types": ["m7g.xlarge", …] would name them instead.
    "vcpus": ${JSON.stringify(aws.vcpus)},
    "memory_gib": ${JSON.stringify(aws.memory_gib)},
    // "spot" | "on_demand" | "spot_with_base": the first on_demand_base workers on demand, the rest spot.
    "market": "${aws.market}",
    "on_demand_base": ${aws.on_demand_base},
    "image": "${aws.image}",
    "disk_gib": ${aws.disk_gib},
    // From where port 22 is open.
    "ssh_from": ${JSON.stringify(aws.ssh_from)},
    // On all that is made, beside the cluster's own.
    "tags": {}
  }`,
    ssh: `
  // "local": beside you · "node": on the first node, which gets the keys of the others; you may go away.
  "head": "local",
  "ssh": {
    // A worker each: a name of ~/.ssh/config, or an object with host, port, user, identity_file, host_key.
    // The key of a host must be known: in known_hosts, or here as host_key.
    "hosts": ["box1", { "host": "box2.example.org", "user": "ubuntu" }]
  }`,
    local: "",
  };
  return `{
  // Of the cluster: everything that is made carries it.
  "name": ${JSON.stringify(name)},
  // "aws": machines are bought · "ssh": machines that you have · "local": this one.
  "provider": "${provider}",
  // How many workers: never more than max; cluster:up brings up "wanted" (default: max).
  "workers": { "min": 0, "max": 2 },
  // A machine ends itself so long after its launch, whoever is still there.
  "ttl_hours": ${ttl_hours},
  // A machine that hears nothing of the head for so long ends itself: what is forgotten costs nothing.
  "lease_minutes": ${lease_minutes},
  // Workers above workers.min end after so long without a task; 0: never.
  "autostop_minutes": ${autostop_minutes},
  // All machines together; no plan goes above it.
  "max_usd_per_hour": ${max_usd_per_hour},
  // "mirror": "s3://BUCKET/PREFIX": a copy of the journal, the keys and the head's state is kept there, from which
  // cluster:adopt takes the cluster over when this machine is lost. Whoever can read it can log in to the nodes, and sees
  // what tasks are given.
  // Variables of the daemons; those that begin with TV_ reach tasks.
  "env": {},
  // Shell commands that prepare a machine, before its daemon starts. They may run more than once.
  "setup": []${sections[provider] === "" ? "" : ","}${sections[provider]}
}
`;
}
