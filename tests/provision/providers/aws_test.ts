import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Journal } from "../../../provision/journal/journal.ts";
import type { Wanted } from "../../../provision/plan.ts";
import type { LaunchRequest, Provider } from "../../../provision/providers/provider.ts";
import { ProviderFailure } from "../../../provision/providers/provider.ts";
import { Reconciler } from "../../../provision/reconcile.ts";
import { HostError } from "../../../provision/ssh/host.ts";
import { UserError } from "../../../src/base/errors.ts";
import { createRng } from "../../../src/base/rng.ts";
import { FakeCrew } from "../fake_provider.ts";
import { TestEc2 } from "./test_ec2.ts";

const REGION = "eu-central-1";
const UP: Wanted = {
  cluster: "c",
  workers: 3,
  maxNodes: 4,
  maxUsdPerHour: 1,
  regions: [REGION],
  market: "spot",
  onDemandBase: 0,
  ttlMs: 3_600_000,
  headNode: undefined,
  end: false,
};
const DOWN: Wanted = { ...UP, workers: 0, end: true };
const HEAD_INSIDE = '{"head_profile": "head"}';
const signal = () => AbortSignal.timeout(60_000);

/** A cluster's folder on a test's EC2. */
class Account implements AsyncDisposable {
  readonly ec2 = new TestEc2();
  readonly dir = Deno.makeTempDirSync();
  readonly crew = new FakeCrew();

  /** A keeper's process, until what is wanted is there. */
  async run(wanted: Wanted, aws?: string): Promise<Journal["state"]> {
    await using provider = this.ec2.provider(this.dir, aws);
    using journal = new Journal(this.dir, { clock: this.ec2.clock });
    const { clock } = this.ec2;
    await using reconciler = new Reconciler(
      { journal, provider, crew: this.crew, wanted: () => wanted, clock, rng: createRng(1) },
      "g1",
    );
    for (let turn = 0; turn < 100; turn++) {
      if ((await reconciler.turn()).isReached) return journal.state;
      clock.ms += 5_000;
      this.ec2.settle();
    }
    throw new Error(`Not reached: ${JSON.stringify([...journal.state.nodes.values()])}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ec2[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

async function requestOf(provider: Provider, count: number): Promise<LaunchRequest> {
  const pools = (await provider.pools(signal())).filter(({ market }) => market === "spot");
  return {
    launchId: "c-g1-1",
    token: "a".repeat(64),
    region: REGION,
    market: "spot",
    pools,
    count,
    holdsHead: false,
    expiresAtMs: 1_000_003_600_000,
    resolveImageAgain: false,
  };
}

Deno.test("EC2: a cluster comes up in the cheapest pools, and nothing is left of it", async () => {
  await using account = new Account();
  const { ec2 } = account;
  const state = await account.run(UP);
  assertEquals(ec2.alive().map(({ type, spot }) => [type, spot]), [
    ["m7g.xlarge", true],
    ["m7g.xlarge", true],
    ["m7g.xlarge", true],
  ]);
  const nodes = [...state.nodes.values()];
  assertEquals(nodes[0].poolId, "eu-central-1a/m7g.xlarge/spot");
  assertEquals(nodes.map(({ priceUsdPerHour }) => priceUsdPerHour), [0.05, 0.05, 0.05]);
  await account.run(DOWN);
  assertEquals([ec2.alive().length, ec2.groups.size, ec2.templates.size], [0, 0, 0]);
});

Deno.test("EC2: all that costs money is tagged by the call that makes it, its disk is encrypted and its metadata need tokens", async () => {
  await using account = new Account();
  await account.run({ ...UP, workers: 1 }, '{"tags": {"team": "quant"}}');
  const [{ tags }] = account.ec2.alive();
  assertEquals([tags["tradewind:cluster"], tags.team], ["c", "quant"]);
  const { params } = account.ec2.calls.findLast(({ action, params }) =>
    action === "CreateLaunchTemplate" && !params.has("DryRun")
  )!;
  const data = "LaunchTemplateData";
  const shown = (key: string) => params.get(`${data}.${key}`);
  assertEquals(shown("MetadataOptions.HttpTokens"), "required");
  assertEquals(shown("MetadataOptions.HttpPutResponseHopLimit"), "1");
  assertEquals(shown("InstanceInitiatedShutdownBehavior"), "terminate");
  assertEquals(shown("BlockDeviceMapping.1.Ebs.Encrypted"), "true");
  const userData = atob(shown("UserData") ?? "");
  assertStringIncludes(userData, "BEGIN OPENSSH PRIVATE KEY");
  assertStringIncludes(userData, '[shutdown, -P, "+20"]');
  assertEquals([...account.ec2.groups.values()].map(({ open }) => [...open]), [["203.0.113.7/32"]]);
});

Deno.test("EC2: pools without capacity are left out, and the rest comes from others", async () => {
  await using account = new Account();
  account.ec2.pools[0].capacity = 1;
  const state = await account.run(UP);
  assertEquals(account.ec2.alive().map(({ type }) => type).sort(), [
    "m7g.xlarge",
    "m7i.xlarge",
    "m7i.xlarge",
  ]);
  assert(state.coolPools.has("eu-central-1a/m7g.xlarge/spot"));
});

Deno.test("EC2: a launch whose answer is lost makes no machine twice, also while machines are not shown yet", async () => {
  await using account = new Account();
  account.ec2.hiddenMs = 30_000;
  account.ec2.errors.push({
    action: "CreateFleet",
    code: "InternalError",
    status: 500,
    after: true,
  });
  await account.run(UP);
  assertEquals(account.ec2.instances.size, 3);
});

Deno.test("EC2: throttling is waited out with the same token", async () => {
  await using account = new Account();
  for (let k = 0; k < 3; k++) {
    account.ec2.errors.push({ action: "CreateFleet", code: "RequestLimitExceeded", status: 503 });
  }
  await account.run(UP);
  const fleets = account.ec2.calls.filter(({ action }) => action === "CreateFleet");
  assertEquals(fleets.length, 4);
  assertEquals(new Set(fleets.map(({ params }) => params.get("ClientToken"))).size, 1);
});

Deno.test("EC2: a quota of spot machines closes that market, with the way to the quota", async () => {
  await using account = new Account();
  const { ec2 } = account;
  ec2.errors.push({ action: "CreateFleet", code: "MaxSpotInstanceCountExceeded", status: 400 });
  await using provider = ec2.provider(account.dir);
  const request = await requestOf(provider, 1);
  const error = await assertRejects(() => provider.launch(request, signal()), ProviderFailure);
  assertEquals(error.failure.kind, "market_quota");
  assertStringIncludes(error.message, "servicequotas");
});

Deno.test("EC2: a machine that is taken back is replaced", async () => {
  await using account = new Account();
  const { ec2 } = account;
  await account.run(UP);
  const [first] = ec2.alive();
  ec2.interrupt(first.id);
  account.crew.registered.clear();
  const state = await account.run(UP);
  assertEquals(ec2.alive().length, 3);
  const reasons = [...state.nodes.values()].filter(({ phase }) => phase === "gone")
    .map(({ reason }) => reason);
  assertEquals(reasons, ["Server.SpotInstanceTermination: taken back"]);
});

Deno.test("EC2: on demand prices come from the price list, and bound the number of machines", async () => {
  await using account = new Account();
  const wanted = { ...UP, market: "on_demand", maxUsdPerHour: 0.5 } as const;
  await account.run(
    { ...wanted, workers: 2 },
    '{"market": "on_demand", "architectures": ["x86_64"]}',
  );
  assertEquals(account.ec2.alive().map(({ type, spot }) => [type, spot]), [
    ["m7i.xlarge", false],
    ["m7i.xlarge", false],
  ]);
});

Deno.test("EC2: preflight names actions that are not allowed, and subnets without a route out", async () => {
  await using account = new Account();
  const { ec2 } = account;
  ec2.errors.push({ action: "CreateFleet", code: "UnauthorizedOperation", status: 403 });
  await using provider = ec2.provider(account.dir);
  const denied = await assertRejects(() => provider.preflight(signal()), UserError);
  assertEquals(denied.message, `Cannot use AWS in ${REGION}: ec2:CreateFleet is not allowed`);
  ec2.hasRoute = false;
  const closed = await assertRejects(() => provider.preflight(signal()), UserError);
  assertStringIncludes(closed.message, "subnet-a, subnet-b have no route to an internet gateway");
  assertEquals(ec2.instances.size + ec2.groups.size + ec2.templates.size, 0);
});

Deno.test("EC2: the head's machine alone has the profile, machines reach each other at port 22, and others stay out", async () => {
  await using account = new Account();
  const { ec2 } = account;
  await using outside = ec2.provider(account.dir, HEAD_INSIDE, { hasHeadInside: true });
  const request = await requestOf(outside, 1);
  await outside.launch({ ...request, holdsHead: true }, signal());
  const [{ open, openWithin }] = ec2.groups.values();
  assertEquals([[...open], openWithin], [["203.0.113.7/32"], true]);
  await using inside = ec2.provider(account.dir, HEAD_INSIDE, {
    hasHeadInside: true,
    isInside: true,
  });
  await inside.launch({ ...request, launchId: "c-g1-2", token: "b".repeat(64) }, signal());
  // From inside, the address from which people come is another one, and is not asked for.
  assertEquals([...open], ["203.0.113.7/32"]);
  assertEquals(ec2.alive().map(({ profile }) => profile), ["head", ""]);
});

Deno.test("EC2: a machine is reached within its network from inside, and by its public address from outside", async () => {
  await using account = new Account();
  const { ec2 } = account;
  const state = await account.run(UP);
  const [node] = state.nodes.values();
  const { machineId = "", launchId, nodeId } = node;
  for (const instance of ec2.alive()) instance.privateAddress = "127.0.0.1";
  const address = "127.0.0.2";
  const target = { machineId, launchId, nodeId, address };
  for (const [isInside, where] of [[true, "127.0.0.1:22"], [false, "127.0.0.2:22"]] as const) {
    await using provider = ec2.provider(account.dir, "{}", { isInside });
    await assertRejects(() => provider.connect(target, signal()), HostError, where);
  }
});

Deno.test("EC2: the head's machine ends itself last, and its group and template before", async () => {
  await using account = new Account();
  const { ec2 } = account;
  await account.run({ ...UP, workers: 1 });
  ec2.settle();
  await using provider = ec2.provider(account.dir, HEAD_INSIDE, { isInside: true });
  const [{ id }] = ec2.alive();
  assertEquals(await provider.endHere(REGION, id, signal()), true);
  assertEquals([ec2.groups.size, ec2.templates.size], [0, 0]);
  assertEquals(ec2.calls.at(-1)?.action, "TerminateInstances");
  ec2.settle();
  assertEquals(ec2.alive(), []);
});

Deno.test("EC2: after the loss of the journal, what is left beside machines is found by its tags, too", async () => {
  await using account = new Account();
  await account.run(UP);
  for (const { id } of account.ec2.alive()) account.ec2.interrupt(id);
  account.ec2.settle();
  await Deno.remove(`${account.dir}/journal.jsonl`);
  assertEquals([account.ec2.groups.size, account.ec2.templates.size], [1, 1]);
  await account.run(DOWN);
  assertEquals([account.ec2.groups.size, account.ec2.templates.size], [0, 0]);
});

Deno.test("EC2: a machine that nobody knows any more does not keep the others from being ended", async () => {
  await using account = new Account();
  await account.run(UP);
  await using provider = account.ec2.provider(account.dir);
  const ids = account.ec2.alive().map(({ id }) => id);
  await provider.terminate(REGION, ["i-unknown", ...ids], signal());
  account.ec2.settle();
  assertEquals(account.ec2.alive(), []);
});

Deno.test("EC2: images are those that Canonical publishes as current; the newest listed ones where that is not readable", async () => {
  await using account = new Account();
  const { ec2 } = account;
  const imagesOf = async () => {
    await account.run({ ...UP, workers: 1 });
    await account.run(DOWN);
    const { params } = ec2.calls.findLast(({ action }) => action === "CreateFleet")!;
    return [...params].filter(([key]) => key.endsWith(".ImageId")).map(([, id]) => id);
  };
  assertEquals(new Set(await imagesOf()), new Set(["ami-arm641", "ami-x86_642"]));
  for (const [name, id] of [["amd64", "ami-published-x86"], ["arm64", "ami-published-arm"]]) {
    ec2.parameters.set(
      `/aws/service/canonical/ubuntu/server/24.04/stable/current/${name}/hvm/ebs-gp3/ami-id`,
      id,
    );
  }
  assertEquals(new Set(await imagesOf()), new Set(["ami-published-arm", "ami-published-x86"]));
});
