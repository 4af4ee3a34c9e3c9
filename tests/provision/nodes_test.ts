import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { Journal } from "../../provision/journal/journal.ts";
import { ShellCrew } from "../../provision/node_crew.ts";
import type { Wanted } from "../../provision/plan.ts";
import { LocalProvider } from "../../provision/providers/local.ts";
import type { AwsProvider } from "../../provision/providers/aws.ts";
import { HostError } from "../../provision/ssh/host.ts";
import type { Provider } from "../../provision/providers/provider.ts";
import { SshProvider } from "../../provision/providers/ssh.ts";
import { Reconciler } from "../../provision/reconcile.ts";
import { systemClock } from "../../src/base/clock.ts";
import { createRng } from "../../src/base/rng.ts";
import { keysIn } from "./providers/ec2_machines.ts";
import { TestEc2 } from "./providers/test_ec2.ts";
import { FakeHead } from "./fake_head.ts";
import { NEEDS_MACHINES, TestMachine } from "./test_machines.ts";

const PATIENCE_MS = 60_000;
const REGION = "eu-central-1";
const signal = () => AbortSignal.timeout(PATIENCE_MS);

interface Setting {
  readonly dir: string;
  readonly head: FakeHead;
  readonly provider: Provider;
  readonly leaseMs?: number;
  readonly setup?: readonly string[];
  /** Called after each turn. */
  readonly onTurn?: () => Promise<void>;
}

/** A keeper's process: it may end at any time, and another may follow. */
async function keep(
  { dir, head, provider, leaseMs = 600_000, setup = [], onTurn }: Setting,
  wanted: Partial<Wanted>,
  isDone: (isReached: boolean) => boolean = (isReached) => isReached,
): Promise<void> {
  using journal = new Journal(dir);
  const notes: ((nodeId: string, message: string) => void)[] = [];
  await using crew = new ShellCrew({
    provider,
    program: head.program(),
    headPort: head.port,
    tunnelPort: 27_700,
    env: { TV_GREETING: "hello" },
    setup,
    ttlMs: 3_600_000,
    leaseMs,
    lookMs: 50,
    workers: head.workers,
    drainWorker: head.drainWorker,
    onNotice: (nodeId, message) => notes.forEach((note) => note(nodeId, message)),
  });
  await using reconciler = new Reconciler({
    journal,
    provider,
    crew,
    wanted: () => ({
      cluster: "c",
      workers: 0,
      maxNodes: 3,
      maxUsdPerHour: 1,
      regions: provider.regions,
      market: "on_demand",
      onDemandBase: 0,
      ttlMs: 3_600_000,
      headNode: undefined,
      end: false,
      ...wanted,
    }),
    clock: systemClock,
    rng: createRng(1),
  }, "g1");
  notes.push((nodeId, message) => reconciler.note(nodeId, message));
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (isDone((await reconciler.turn()).isReached)) return;
    await onTurn?.();
    await delay(50);
  }
  const shown = [...journal.state.nodes.values()].map(({ phase, reason }) => `${phase}: ${reason}`);
  throw new Error(`Not reached in a minute: ${shown.join("; ")}`);
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await isSo()) {
    if (performance.now() > deadline) throw new Error(`Not so in a minute: ${what}`);
    await delay(50);
  }
}

const DOWN = { end: true } as const;
const pids = (head: FakeHead) => head.registrations().map(({ pid }) => pid).sort();

async function inFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "tradewind-nodes-" });
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("nodes of this machine come up, are left alone by the next keeper, shrink, and leave nothing behind", () =>
  inFolder(async (dir) => {
    await using head = await FakeHead.start();
    const provider = new LocalProvider({ cluster: "c", dir: `${dir}/machines`, cpus: 1 });
    const setting = { dir, head, provider, setup: ["echo ran >> ../../setup.log"] };
    await keep(setting, { workers: 2 });
    await until(() => pids(head).length === 2, "two daemons");
    const before = pids(head);
    assertEquals(head.registrations()[0].token, "secret");
    assertEquals(head.registrations()[0].env, "hello");
    await keep(setting, { workers: 2 });
    await until(() => pids(head).length === 2, "two daemons");
    assertEquals(pids(head), before);
    await keep(setting, { workers: 1 });
    await until(() => pids(head).length === 1, "one daemon is left");
    await keep(setting, DOWN);
    await until(() => pids(head).length === 0, "no daemon is left");
    assertEquals([...Deno.readDirSync(`${dir}/machines`)], []);
  }));

Deno.test("a node whose daemon was killed has another one soon", () =>
  inFolder(async (dir) => {
    await using head = await FakeHead.start();
    const provider = new LocalProvider({ cluster: "c", dir: `${dir}/machines`, cpus: 1 });
    const setting = { dir, head, provider };
    await keep(setting, { workers: 1 });
    await until(() => pids(head).length === 1, "a daemon");
    const [before] = pids(head);
    Deno.kill(before, "SIGKILL");
    await until(() => pids(head).some((pid) => pid !== before), "another daemon");
    assertNotEquals(pids(head), [before]);
    await keep(setting, DOWN);
  }));

Deno.test("nodes that hear nothing of the head end themselves, and are replaced", () =>
  inFolder(async (dir) => {
    const provider = new LocalProvider({ cluster: "c", dir: `${dir}/machines`, cpus: 1 });
    const head = await FakeHead.start();
    await keep({ dir, head, provider, leaseMs: 1_000 }, { workers: 1 });
    const { port } = head;
    await head[Symbol.asyncDispose]();
    const isEnded = async () => (await provider.list()).every(({ state }) => state === "ended");
    await until(isEnded, "the machine ended itself");
    const [{ endReason }] = await provider.list();
    assert(endReason?.startsWith("nothing was heard of the head"), endReason);
    await using again = await FakeHead.start(port);
    await keep({ dir, head: again, provider }, { workers: 1 });
    await until(() => pids(again).length === 1, "a daemon");
    await keep({ dir, head: again, provider }, DOWN);
  }));

Deno.test(
  "a machine of the user becomes a node through SSH alone, survives a broken connection, and is left clean",
  NEEDS_MACHINES,
  () =>
    inFolder(async (dir) => {
      await using machine = await TestMachine.start();
      await using head = await FakeHead.start();
      await using provider = new SshProvider({ cluster: "c", targets: [machine.target] });
      const setting = { dir, head, provider };
      await keep(setting, { workers: 1 });
      const [before] = pids(head);
      assertEquals(typeof before, "number");
      // No keeper: the node hears nothing. The next keeper opens the way again; the daemon is the same.
      await until(() => pids(head).length === 0, "the tunnel is closed");
      await keep(setting, { workers: 1 }, () => pids(head).length === 1);
      assertEquals(pids(head), [before]);
      await keep(setting, DOWN);
      assertEquals([...Deno.readDirSync(`${machine.dir}/disk`)], []);
    }),
);

Deno.test(
  "a machine of the user that lost its claim, and was brought up all the same, is left clean",
  NEEDS_MACHINES,
  () =>
    inFolder(async (dir) => {
      await using machine = await TestMachine.start();
      await using head = await FakeHead.start();
      await using provider = new SshProvider({ cluster: "c", targets: [machine.target] });
      await keep({ dir, head, provider }, { workers: 1 });
      await Deno.remove(`${machine.dir}/disk/claim.json`);
      assert(await provider.cleanRegion(provider.regions[0], signal()));
      assertEquals(machine.processes(), []);
      assertEquals([...Deno.readDirSync(`${machine.dir}/disk`)], []);
    }),
);

Deno.test(
  "a bought machine is known by the key that it was given at its launch, becomes a node, and shuts down when it is forgotten",
  NEEDS_MACHINES,
  () =>
    inFolder(async (dir) => {
      await using ec2 = new TestEc2();
      ec2.clock.ms = Date.now();
      await using provider = ec2.provider(dir);
      const head = await FakeHead.start();
      await using machines = new AsyncDisposableStack();
      let machine: TestMachine | undefined;
      const boot = async () => {
        const [instance] = ec2.alive();
        if (instance === undefined || machine !== undefined) return;
        machine = machines.use(
          await TestMachine.start({ ...keysIn(instance.userData), isMinimal: true }),
        );
        instance.address = machine.address;
        ec2.settle();
      };
      const wanted = { workers: 1, market: "spot" } as const;
      await keep({ dir, head, provider, leaseMs: 3_000, onTurn: boot }, wanted);
      assertEquals(machine?.askedOf("shutdown"), ["-c"]);
      await assertOwnHostKey(provider, machine as TestMachine);
      await head[Symbol.asyncDispose]();
      await until(() => machine?.askedOf("systemctl").includes("poweroff") === true, "it is off");
      await using again = await FakeHead.start();
      const settle = () => Promise.resolve(ec2.settle());
      await keep({ dir, head: again, provider, onTurn: settle }, DOWN);
      assertEquals([ec2.alive().length, ec2.groups.size, ec2.templates.size], [0, 0, 0]);
    }),
);

/** The key that all machines of the launch were told is taken from this one no more. */
async function assertOwnHostKey(provider: AwsProvider, machine: TestMachine): Promise<void> {
  const [{ machineId, launchId, address = "" }] = await provider.list(REGION, signal());
  const target = { nodeId: `${launchId}-0`, machineId, launchId, address };
  const host = await provider.connect(target, signal());
  await host[Symbol.asyncDispose]();
  assertNotEquals(machine.currentHostKey(), machine.hostKey.publicKey.split(" ")[1]);
  machine.useFirstHostKey();
  // Its server reads its keys anew in its own time.
  await until(async () => {
    try {
      await (await provider.connect(target, signal()))[Symbol.asyncDispose]();
      return false;
    } catch (error) {
      return error instanceof HostError && error.kind === "wrong_host_key";
    }
  }, "it is not taken for ours any more");
}

Deno.test("a machine of the user belongs to one cluster at a time", NEEDS_MACHINES, async () => {
  await using machine = await TestMachine.start();
  await using provider = new SshProvider({ cluster: "c", targets: [machine.target] });
  await using other = new SshProvider({ cluster: "d", targets: [machine.target] });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const [pool] = await provider.pools();
  const request = {
    launchId: "l1",
    token: "t",
    region: pool.region,
    market: pool.market,
    pools: [pool],
    count: 1,
    holdsHead: false,
    expiresAtMs: Date.now() + 3_600_000,
    resolveImageAgain: false,
  };
  const { machines } = await provider.launch(request, signal);
  assertEquals((await provider.launch(request, signal)).machines, machines);
  const { failures } = await other.launch({ ...request, launchId: "l2" }, signal);
  assertEquals(failures.map(({ message }) => message), ["box1 is a node of c"]);
  const expired = { ...request, launchId: "l3", expiresAtMs: 0 };
  await provider.terminate("box1", [machines[0].machineId], signal);
  assertEquals((await provider.list("box1", signal)).map(({ state }) => state), ["ended"]);
  assertEquals((await other.launch(expired, signal)).machines.length, 1);
  assertEquals((await provider.launch(request, signal)).machines.length, 1);
});
