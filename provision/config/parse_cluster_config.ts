import { type Problem, problemsOf } from "../../src/base/config_problem.ts";
import { parseJsoncFile, problemsError } from "../../src/base/jsonc_file.ts";
import type { ClusterConfig } from "./cluster_config.ts";
import { clusterKeysAt, clusterSchema } from "./cluster_schema.ts";

const SUBJECT = "the cluster's configuration";

/** The configuration that the text of a `cluster.jsonc` is, with its defaults.
 * @param path names the file in messages
 * @throws {UserError} with line, column, key and value of all that is wrong, and the nearest name where one is
 * misspelt: the syntax, a key that does not exist, a value of another kind, values that contradict one another */
export function parseClusterConfig(text: string, path: string): ClusterConfig {
  const file = parseJsoncFile(text, path);
  const result = clusterSchema().safeParse(file.json);
  if (!result.success) {
    const problems = problemsOf(result.error.issues, file.json, clusterKeysAt, SUBJECT);
    throw problemsError(file, SUBJECT, problems);
  }
  const contradictions = contradictionsIn(result.data);
  if (contradictions.length > 0) throw problemsError(file, SUBJECT, contradictions);
  return result.data;
}

function contradictionsIn(config: ClusterConfig): Problem[] {
  const { workers, aws, ssh } = config;
  const problems: Problem[] = [];
  const refuse = (wrong: boolean, path: string, message: string, hint?: string): void => {
    if (wrong) {
      problems.push({ path: path.split("."), atKey: false, message: `${path} ${message}`, hint });
    }
  };
  refuse(
    workers.min > workers.max,
    "workers.min",
    `is ${workers.min}, more than workers.max, ${workers.max}`,
  );
  refuse(
    workers.wanted > workers.max,
    "workers.wanted",
    `is ${workers.wanted}, more than workers.max, ${workers.max}`,
  );
  refuse(
    workers.wanted < workers.min,
    "workers.wanted",
    `is ${workers.wanted}, less than workers.min, ${workers.min}`,
  );
  refuse(
    config.lease_minutes >= config.ttl_hours * 60,
    "lease_minutes",
    `is ${config.lease_minutes}, not less than ttl_hours, ${config.ttl_hours} h`,
  );
  for (const name of ["vcpus", "memory_gib"] as const) {
    const { min, max } = aws[name];
    refuse(min > max, `aws.${name}`, `goes from ${min} to ${max}`);
  }
  refuse(
    config.head === "node" && config.provider === "local",
    "head",
    "is node, which machines of the provider local cannot be",
    "All nodes are this machine.",
  );
  const isBoughtHead = config.head === "node" && config.provider === "aws";
  refuse(
    isBoughtHead && aws.head_profile === undefined,
    "head",
    "is node, and aws.head_profile names no instance profile",
    "The head's node buys and ends the others by its own role: credentials are never sent to one.",
  );
  refuse(
    !isBoughtHead && aws.head_profile !== undefined,
    "aws.head_profile",
    `is ${aws.head_profile}, and the head is on no bought node`,
    'Say "head": "node", or leave it out: no other node has a profile.',
  );
  refuse(
    isBoughtHead && aws.regions.length > 1,
    "aws.regions",
    `names ${aws.regions.length} regions, and head is node`,
    "Nodes reach the head within its network: name one region.",
  );
  refuse(
    config.head === "node" && config.mirror !== undefined,
    "mirror",
    "is kept by this machine, and head is node",
  );
  refuse(
    config.provider === "ssh" && ssh.hosts.length === 0,
    "ssh.hosts",
    "is empty, and the provider is ssh",
    'Name the machines: ["box1", {"host": "10.0.0.5", "user": "ubuntu"}].',
  );
  refuse(
    config.provider === "ssh" && ssh.hosts.length > 0 && workers.max > ssh.hosts.length,
    "workers.max",
    `is ${workers.max}, but ssh.hosts names ${ssh.hosts.length}`,
  );
  const names = ssh.hosts.map(({ host, port }) => `${host}:${port ?? ""}`);
  const twice = names.findIndex((name, i) => names.indexOf(name) < i);
  refuse(twice >= 0, `ssh.hosts.${twice}`, `names ${ssh.hosts[twice]?.host} a second time`);
  return problems;
}
