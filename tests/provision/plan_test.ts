import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Pool } from "../../provision/planning/machine.ts";
import type { Wanted } from "../../provision/plan.ts";
import { type Faults, KIND, SimCloud } from "./planning/sim_cloud.ts";

const POOLS: readonly Pool[] = [
  pool("west", "a", "spot", 0.05),
  pool("west", "b", "spot", 0.08),
  pool("west", "c", "on_demand", 0.2),
  pool("east", "d", "spot", 0.06),
  pool("east", "e", "on_demand", 0.25),
];

function pool(region: string, name: string, market: Pool["market"], price: number): Pool {
  return { poolId: `${region}/${name}`, region, market, cpus: 4, priceUsdPerHour: price };
}

const UP: Wanted = {
  cluster: "c",
  workers: 3,
  maxNodes: 5,
  maxUsdPerHour: 1,
  regions: ["west", "east"],
  market: "spot",
  onDemandBase: 0,
  ttlMs: 12 * 3_600_000,
  headNode: undefined,
  end: false,
};
const DOWN: Wanted = { ...UP, workers: 0, end: true };

function run(cloud: SimCloud, wanted: Wanted, steps: number): void {
  for (let step = 0; step < steps; step++) cloud.step(wanted);
}

function runUntilReached(cloud: SimCloud, wanted: Wanted, mostSteps: number): number {
  for (let step = 1; step <= mostSteps; step++) {
    cloud.step(wanted);
    if (cloud.lastPlan?.isReached) return step;
  }
  throw new Error(`Not reached: ${JSON.stringify(cloud.lastPlan)}`);
}

const phases = (cloud: SimCloud) =>
  [...cloud.state.nodes.values()].map(({ phase }) => phase).filter((phase) => phase !== "gone");

Deno.test("plan() brings up what is wanted, and then has nothing to do", () => {
  const cloud = new SimCloud(1, POOLS);
  runUntilReached(cloud, UP, 20);
  assertEquals(phases(cloud), ["ready", "ready", "ready"]);
  run(cloud, UP, 20);
  assertEquals(cloud.machines.size, 3);
  assertEquals(cloud.lastPlan?.actions, []);
});

Deno.test("plan() buys the base on demand and the rest as spot", () => {
  const cloud = new SimCloud(1, POOLS);
  runUntilReached(cloud, { ...UP, onDemandBase: 1 }, 30);
  assertEquals(cloud.alive().map(({ market }) => market).sort(), ["on_demand", "spot", "spot"]);
});

Deno.test("plan() ends the surplus when less is wanted, and everything at the end, and end again is nothing", () => {
  const cloud = new SimCloud(1, POOLS);
  runUntilReached(cloud, UP, 20);
  runUntilReached(cloud, { ...UP, workers: 1 }, 20);
  assertEquals(cloud.alive().length, 1);
  runUntilReached(cloud, DOWN, 20);
  assertEquals(cloud.alive(), []);
  cloud.step(DOWN);
  assertEquals(cloud.lastPlan?.actions, []);
});

Deno.test("plan() brings the head's node up first, on demand, and nothing else before it is there", () => {
  const cloud = new SimCloud(1, POOLS);
  run(cloud, { ...UP, headNode: "wanted" }, 20);
  assertEquals(phases(cloud), ["ready"]);
  const [[nodeId, { market }]] = cloud.state.nodes;
  assertEquals(market, "on_demand");
  runUntilReached(cloud, { ...UP, headNode: { nodeId } }, 20);
  assertEquals(cloud.alive().map((machine) => machine.market).sort(), [
    "on_demand",
    "spot",
    "spot",
  ]);
});

Deno.test("plan() makes room for the head's node where workers have every place", () => {
  const cloud = new SimCloud(1, POOLS);
  const full = { ...UP, maxNodes: 3 };
  runUntilReached(cloud, full, 20);
  run(cloud, { ...full, headNode: "wanted" }, 40);
  const isForHead = ({ launchId }: { launchId: string }) =>
    cloud.state.launches.get(launchId)?.holdsHead === true;
  assertEquals(cloud.alive().filter(isForHead).length, 1);
  assertEquals(cloud.violations, []);
});

Deno.test("plan() ends the head's node when all others are gone, and never for being one too many", () => {
  const cloud = new SimCloud(1, POOLS);
  run(cloud, { ...UP, headNode: "wanted" }, 20);
  const [nodeId] = cloud.state.nodes.keys();
  const headNode = { nodeId };
  runUntilReached(cloud, { ...UP, headNode }, 20);
  runUntilReached(cloud, { ...UP, headNode, workers: 1 }, 20);
  assertEquals(cloud.state.nodes.get(nodeId)?.phase, "ready");
  runUntilReached(cloud, { ...UP, headNode }, 20);
  runUntilReached(cloud, { ...DOWN, headNode }, 20);
  run(cloud, DOWN, 5);
  assertEquals(cloud.alive(), []);
  assertEquals(cloud.violations, []);
});

Deno.test("plan() keeps the base when it ends what is too much", () => {
  const cloud = new SimCloud(1, POOLS);
  const based = { ...UP, onDemandBase: 1 };
  runUntilReached(cloud, based, 30);
  runUntilReached(cloud, { ...based, workers: 1 }, 30);
  assertEquals(cloud.alive().map(({ market }) => market), ["on_demand"]);
});

Deno.test("plan() believes an absence at once where all that is there is shown, else after a minute", () => {
  const stepsUntilGone = (showsAll: boolean) => {
    const cloud = new SimCloud(1, POOLS);
    cloud.showsAll = showsAll;
    runUntilReached(cloud, UP, 20);
    cloud.machines.clear();
    let steps = 0;
    for (; phases(cloud).includes("ready"); steps++) cloud.step(UP);
    return steps;
  };
  assertEquals([stepsUntilGone(true), stepsUntilGone(false) * 5_000 >= 60_000], [1, true]);
});

Deno.test("plan() ends a cluster that ended before and came up again", () => {
  const cloud = new SimCloud(1, POOLS);
  for (let round = 0; round < 3; round++) {
    runUntilReached(cloud, UP, 20);
    assertEquals(cloud.state.ended, false);
    runUntilReached(cloud, DOWN, 20);
    assertEquals(cloud.alive(), []);
  }
});

Deno.test("plan() ends the cluster only when the region's last machine has ended, known or not", () => {
  const cloud = new SimCloud(1, POOLS);
  runUntilReached(cloud, UP, 20);
  cloud.place({ state: "ending" }, Infinity);
  run(cloud, DOWN, 10);
  assertEquals(cloud.state.ended, false);
});

Deno.test("plan() replaces machines that are taken back", () => {
  const cloud = new SimCloud(1, POOLS);
  runUntilReached(cloud, UP, 20);
  cloud.faults = { ...KIND, interruption: 1 };
  cloud.step(UP);
  cloud.faults = KIND;
  const before = cloud.alive().map(({ machineId }) => machineId);
  runUntilReached(cloud, UP, 60);
  assertEquals(cloud.alive().length, 3);
  assert(cloud.alive().every(({ machineId }) => !before.includes(machineId)));
});

Deno.test("plan() replaces what is taken back before it has ended, also when no more than these are allowed", () => {
  const cloud = new SimCloud(1, POOLS);
  const full = { ...UP, maxNodes: 3 };
  runUntilReached(cloud, full, 20);
  cloud.faults = { ...KIND, interruption: 1 };
  cloud.step(full);
  cloud.faults = KIND;
  run(cloud, full, 3);
  const isComing = (phase: string) => phase === "intended" || phase === "booting";
  assertEquals(phases(cloud).filter(isComing).length, 3);
  assert(phases(cloud).some((phase) => !isComing(phase)));
  runUntilReached(cloud, full, 60);
  assertEquals(cloud.violations, []);
});

Deno.test("plan() waits for the end of what is taken back where the price of both is too high", () => {
  const cloud = new SimCloud(1, POOLS);
  const poor = { ...UP, workers: 1, maxUsdPerHour: 0.09 };
  runUntilReached(cloud, poor, 20);
  cloud.faults = { ...KIND, interruption: 1 };
  cloud.step(poor);
  cloud.faults = KIND;
  run(cloud, poor, 2);
  assertEquals(cloud.alive().length, 1);
  runUntilReached(cloud, poor, 60);
  assertEquals(cloud.violations, []);
});

Deno.test("plan() lets what it ends itself keep its place until it has ended", () => {
  const cloud = new SimCloud(1, POOLS);
  const full = { ...UP, maxNodes: 3 };
  runUntilReached(cloud, full, 20);
  cloud.step({ ...full, workers: 1 });
  cloud.step(full);
  assertEquals(cloud.lastPlan?.actions.filter(({ type }) => type === "IntendLaunch"), []);
  assertEquals(cloud.lastPlan?.notes[0]?.message, "2 machines that end still count");
});

Deno.test("plan() says why it launches fewer: the price, or pools without capacity and until when", () => {
  const poor = new SimCloud(1, POOLS);
  run(poor, { ...UP, maxUsdPerHour: 0.11 }, 20);
  assertEquals(poor.alive().length, 2);
  assert(poor.lastPlan?.notes[0].message.includes("max_usd_per_hour leaves"));
  const dry = new SimCloud(1, POOLS);
  dry.faults = { ...KIND, noCapacity: 1 };
  run(dry, UP, 12);
  const [note] = dry.lastPlan?.notes ?? [];
  assertEquals(note.type, "short");
  assert(note.message.includes("NoCapacity: none here"), note.message);
  assert(note.untilMs !== undefined && note.untilMs > dry.nowMs);
});

Deno.test("plan() ends machines that are older than the time to live", () => {
  const cloud = new SimCloud(1, POOLS);
  const shortLived = { ...UP, workers: 1, ttlMs: 300_000 };
  runUntilReached(cloud, shortLived, 20);
  const [first] = cloud.alive();
  run(cloud, shortLived, 80);
  assertEquals(cloud.machines.get(first.machineId)?.machine.state, "ended");
});

Deno.test("plan() ends a machine that is too long in a phase, says what to look at, and has another one", () => {
  const cloud = new SimCloud(1, POOLS);
  const one = { ...UP, workers: 1 };
  run(cloud, one, 2);
  const [stuck] = cloud.machines.values();
  stuck.changesAtMs = Infinity;
  run(cloud, one, 50);
  const [{ phase }] = cloud.state.nodes.values();
  assertEquals(phase, "booting");
  run(cloud, one, 12);
  const [{ reason }] = cloud.state.nodes.values();
  assertEquals(reason, "booting for 5 minutes: the machine got no address: look at its console");
  stuck.changesAtMs = 0;
  runUntilReached(cloud, one, 30);
  assert(cloud.alive()[0].machineId !== stuck.machine.machineId);
});

Deno.test("plan() takes over machines of a lost journal, and ends them with the cluster", () => {
  const cloud = new SimCloud(1, POOLS);
  runUntilReached(cloud, UP, 20);
  cloud.loseJournal();
  runUntilReached(cloud, UP, 20);
  assertEquals(cloud.machines.size, 3);
  cloud.loseJournal();
  runUntilReached(cloud, DOWN, 20);
  assertEquals(cloud.alive(), []);
});

Deno.test("plan() takes machines that are there one by one all at once, each as often as it has room", () => {
  const hosts = ["x", "y", "z"].map((name): Pool => ({
    ...pool(name, "host", "on_demand", 0),
    slots: 1,
  }));
  const cloud = new SimCloud(1, hosts);
  const all = { ...UP, workers: 4, market: "on_demand", regions: ["x", "y", "z"] } as const;
  cloud.step(all);
  assertEquals(cloud.state.launches.size, 3);
  run(cloud, all, 15);
  assertEquals(cloud.alive().map(({ region }) => region), ["x", "y", "z"]);
  assertEquals(cloud.lastPlan?.notes[0].message, "all 3 machines are in use");
});

const probability = fc.constantFrom(0, 0, 0.1, 0.5);
const faults: fc.Arbitrary<Faults> = fc.record({
  noCapacity: probability,
  lostAnswer: probability,
  busy: probability,
  crash: probability,
  interruption: fc.constantFrom(0, 0, 0.1),
  invisibleMs: fc.constantFrom(0, 20_000, 55_000),
});
const wanted: fc.Arbitrary<{ steps: number; wish: Wanted }> = fc.record({
  workers: fc.integer({ min: 0, max: 6 }),
  maxNodes: fc.integer({ min: 1, max: 6 }),
  maxUsdPerHour: fc.constantFrom(0.04, 0.1, 0.3, 2),
  onDemandBase: fc.integer({ min: 0, max: 2 }),
  headNode: fc.constantFrom(undefined, "wanted" as const),
  steps: fc.constantFrom(1, 2, 3, 4, 25),
}).map(({ steps, ...some }) => ({
  steps,
  wish: { ...UP, ...some, workers: Math.min(some.workers, some.maxNodes) },
}));

Deno.test("plan() never exceeds machines or dollars, whatever breaks, and leaves nothing behind", () => {
  fc.assert(
    fc.property(fc.integer(), faults, fc.array(wanted, { minLength: 1, maxLength: 3 }), (
      seed,
      unkind,
      wishes,
    ) => {
      const cloud = new SimCloud(seed, POOLS);
      cloud.place({ cluster: "stranger" });
      cloud.faults = unkind;
      // Limits that shrink are reached by ending what is there, so each wish keeps the widest.
      const limits = {
        maxNodes: Math.max(...wishes.map(({ wish }) => wish.maxNodes)),
        maxUsdPerHour: Math.max(...wishes.map(({ wish }) => wish.maxUsdPerHour)),
      };
      for (const { wish, steps } of wishes) run(cloud, { ...wish, ...limits }, steps);
      run(cloud, { ...DOWN, ...limits }, 10);
      cloud.faults = KIND;
      runUntilReached(cloud, { ...DOWN, ...limits }, 60);
      assertEquals(cloud.violations, []);
      assertEquals(cloud.alive(), []);
      assertEquals(cloud.alive("stranger").length, 1);
    }),
    { numRuns: 600 },
  );
});

Deno.test("plan() reaches what is wanted once the cloud is kind again, from whatever was there", () => {
  const found = fc.array(
    fc.record({
      launchId: fc.constantFrom("lost-1", "lost-2"),
      state: fc.constantFrom("pending" as const, "running" as const, "ending" as const),
      market: fc.constantFrom("spot" as const, "on_demand" as const),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.integer(), faults, found, (seed, unkind, machines) => {
      const cloud = new SimCloud(seed, POOLS);
      for (const machine of machines) cloud.place(machine);
      cloud.faults = unkind;
      run(cloud, UP, 20);
      cloud.faults = KIND;
      // A stop by a busy provider is a person's to lift.
      if (cloud.state.stopped !== undefined) cloud.state.stopped = undefined;
      runUntilReached(cloud, UP, 300);
      assertEquals(cloud.alive().length, 3);
      assertEquals(cloud.violations, []);
    }),
    { numRuns: 100 },
  );
});
