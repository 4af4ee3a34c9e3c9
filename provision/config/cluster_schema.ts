import { z } from "zod";
import { CLUSTER_DEFAULTS, type ClusterConfig, PROVIDERS } from "./cluster_config.ts";

const MAX_WORKERS = 1_000;
const MAX_TTL_HOURS = 24 * 30;

const object = {
  error: (issue: { code?: string }) => issue.code === "invalid_type" ? "an object" : undefined,
};

/** The schema of `cluster.jsonc`, which fills in the defaults. Each message says what is expected, so that it can
 * follow "expected". */
export function clusterSchema(): z.ZodType<ClusterConfig> {
  return z.strictObject(shape(), object).transform((file) => ({
    ...file,
    workers: { ...file.workers, wanted: file.workers.wanted ?? file.workers.max },
  })) as unknown as z.ZodType<ClusterConfig>;
}

/** The keys that an object of the file at a path may have; none for free-form ones. */
export function clusterKeysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = z.strictObject(shape());
  for (const key of path) {
    at = inner(at);
    if (at instanceof z.ZodObject) at = at.shape[String(key)];
    else if (at instanceof z.ZodArray) at = at.element;
    else return [];
  }
  const last = inner(at);
  return last instanceof z.ZodObject ? Object.keys(last.shape) : [];
}

/** What is below defaults, optionals and alternatives. */
function inner(schema: unknown): unknown {
  if (
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) return inner(schema.unwrap());
  if (schema instanceof z.ZodPipe) return inner(schema.out);
  return schema;
}

function shape() {
  const { aws, ssh, workers } = CLUSTER_DEFAULTS;
  return {
    name: matching(/^[a-z][a-z0-9-]{0,31}$/, "1 to 32 of a-z, 0-9 and -, a letter first"),
    provider: oneOf(PROVIDERS),
    head: oneOf(["local", "node"]).default(CLUSTER_DEFAULTS.head),
    workers: z.strictObject({
      min: whole(0, MAX_WORKERS).default(workers.min),
      max: whole(1, MAX_WORKERS).default(workers.max),
      wanted: whole(0, MAX_WORKERS).optional(),
      cpus: whole(0, 1_024).default(workers.cpus),
    }, object).prefault({}),
    ttl_hours: number(0.1, MAX_TTL_HOURS).default(CLUSTER_DEFAULTS.ttl_hours),
    lease_minutes: number(1, 24 * 60).default(CLUSTER_DEFAULTS.lease_minutes),
    autostop_minutes: number(0, 24 * 60).default(CLUSTER_DEFAULTS.autostop_minutes),
    max_usd_per_hour: number(0.01, 10_000).default(CLUSTER_DEFAULTS.max_usd_per_hour),
    mirror: matching(/^(s3:\/\/[a-z0-9]|\/.)/, "s3://BUCKET/PREFIX or an absolute path").optional(),
    env: z.record(
      matching(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable's name"),
      matching(/^[^\n\0]*$/, "a text on one line"),
      { error: "an object of NAME: text" },
    ).default({}),
    setup: list(text("a shell command"), "shell commands").default([]),
    aws: awsShape(aws),
    ssh: z.strictObject({
      hosts: list(host(), "hosts").default([]),
      config_file: text("a path").default(ssh.config_file),
      known_hosts: text("a path").default(ssh.known_hosts),
    }, object).prefault({}),
  };
}

function awsShape(defaults: typeof CLUSTER_DEFAULTS.aws) {
  const names = (pattern: RegExp, of: string) =>
    list(matching(pattern, `the name of ${of}`), `names of ${of}`);
  return z.strictObject({
    regions: names(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region").min(1, { error: "at least one region" })
      .default([...defaults.regions]),
    zones: names(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "a zone").default([]),
    instance_types: names(/^[a-z0-9-]+\.[a-z0-9-]+$/, "an instance type").default([]),
    vcpus: range(1, 448).default(defaults.vcpus),
    memory_gib: range(0.5, 24_576).default(defaults.memory_gib),
    architectures: list(oneOf(["x86_64", "arm64"]), "architectures")
      .min(1, { error: "at least one architecture" }).default([...defaults.architectures]),
    market: oneOf(["spot", "on_demand", "spot_with_base"]).default(defaults.market),
    on_demand_base: whole(0, MAX_WORKERS).default(defaults.on_demand_base),
    image: matching(/^(ubuntu-24\.04|ami-[0-9a-f]+)$/, "ubuntu-24.04 or ami-…").default(
      defaults.image,
    ),
    disk_gib: whole(8, 16_384).default(defaults.disk_gib),
    subnets: names(/^subnet-[0-9a-f]+$/, "a subnet").default([]),
    ssh_from: list(
      matching(/^(my-address|[0-9a-f.:]+\/\d{1,3})$/, "my-address or a block such as 10.1.0.0/16"),
      "my-address and blocks",
    ).min(1, { error: "at least one block" }).default([...defaults.ssh_from]),
    head_profile: matching(/^[\w+=,.@-]{1,128}$/, "the name of an instance profile").optional(),
    tags: z.record(text("a tag's name"), z.string({ error: "a text" }), {
      error: "an object of tag: value",
    }).default({}),
  }, object).prefault({});
}

function host() {
  return z.preprocess(
    (value) => typeof value === "string" ? { host: value } : value,
    z.strictObject({
      host: text("a host's name or address"),
      port: whole(1, 65_535).optional(),
      user: text("a user's name").optional(),
      identity_file: text("the file of a private key").optional(),
      host_key: matching(/^(ssh|ecdsa|sk)-[^ ]+ [A-Za-z0-9+/=]+/, "a key such as ssh-ed25519 AAAA…")
        .optional(),
    }, { error: "a host's name, or an object with its host" }),
  );
}

function text(expected: string) {
  return z.string({ error: expected }).min(1, { error: expected });
}

function matching(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

function whole(least: number, greatest: number) {
  const error = `a whole number from ${least} to ${greatest}`;
  return z.int({ error }).min(least, { error }).max(greatest, { error });
}

function number(least: number, greatest: number) {
  const error = `a number from ${least} to ${greatest}`;
  return z.number({ error }).min(least, { error }).max(greatest, { error });
}

function range(least: number, greatest: number) {
  return z.strictObject({ min: number(least, greatest), max: number(least, greatest) }, {
    error: "an object with min and max",
  });
}

function oneOf<const T extends readonly string[]>(names: T) {
  return z.enum(names, { error: `one of ${names.join(", ")}` });
}

function list<T extends z.ZodType>(item: T, of: string) {
  return z.array(item, { error: `a list of ${of}` });
}
