import { assert, assertEquals } from "@std/assert";
import { Journal } from "../../provision/journal/journal.ts";
import type { JournalEventBody } from "../../provision/planning/events.ts";
import type { Failure } from "../../provision/planning/failures.ts";
import type { Wanted } from "../../provision/plan.ts";
import { Reconciler } from "../../provision/reconcile.ts";
import { createRng } from "../../src/base/rng.ts";
import { FakeCrew, FakeProvider, TestClock } from "./fake_provider.ts";

const UP: Wanted = {
  cluster: "c",
  workers: 2,
  maxNodes: 3,
  maxUsdPerHour: 1,
  regions: ["here"],
  market: "spot",
  onDemandBase: 0,
  ttlMs: 3_600_000,
  headNode: undefined,
  end: false,
};
const DOWN: Wanted = { ...UP, workers: 0, end: true };

/** The death of the process. */
class Bomb extends Error {}

/** A journal whose writer dies at its n-th event: before it is written, when what came before was done already, or
 * after, when nothing was done about it. */
class FusedJournal extends Journal {
  #written = 0;

  constructor(dir: string, clock: TestClock, readonly fuse: number, readonly dies: Death) {
    super(dir, { clock });
  }

  override append(body: JournalEventBody): void {
    if (this.dies === "before" && this.#written + 1 >= this.fuse) throw new Bomb();
    super.append(body);
    if (++this.#written >= this.fuse) throw new Bomb();
  }
}

type Death = "before" | "after";
const DEATHS: readonly Death[] = ["before", "after"];

class World implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly provider = new FakeProvider("c", this.clock);
  crew = new FakeCrew();
  dir = Deno.makeTempDirSync();

  /** Turns until what is wanted is reached.
   * @param fuse the event at which the process dies
   * @returns whether it lived */
  async run(wanted: Wanted, fuse = Infinity, dies: Death = "after"): Promise<boolean> {
    using journal = new FusedJournal(this.dir, this.clock, fuse, dies);
    try {
      await using reconciler = new Reconciler({
        journal,
        provider: this.provider,
        crew: this.crew,
        wanted: () => wanted,
        clock: this.clock,
        rng: createRng(1),
      }, "g1");
      for (let turn = 0; turn < 60; turn++) {
        if ((await reconciler.turn()).isReached) return true;
        this.clock.ms += 10_000;
      }
    } catch (error) {
      if (error instanceof Bomb) return false;
      throw error;
    }
    throw new Error("not reached in 60 turns");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

Deno.test("Reconciler brings up what is wanted and ends it again; twice is once", async () => {
  await using world = new World();
  for (let time = 0; time < 2; time++) assert(await world.run(UP));
  assertEquals(world.provider.alive().length, 2);
  assertEquals(world.provider.launches, 1);
  for (let time = 0; time < 2; time++) assert(await world.run(DOWN));
  assertEquals([world.provider.alive().length, world.provider.hasNetwork], [0, false]);
});

for (const death of DEATHS) {
  Deno.test(`Reconciler that dies ${death} any line of its journal is followed by one that goes on, without a machine too many`, async () => {
    let deaths = 0;
    for (let fuse = 1, lived = false; !lived; fuse++) {
      await using world = new World();
      lived = await world.run(UP, fuse, death);
      if (!lived) deaths++;
      assert(await world.run(UP));
      assertEquals(world.provider.machines.size, 2);
      if (!await world.run(DOWN, fuse, death)) deaths++;
      assert(await world.run(DOWN));
      assertEquals([world.provider.alive().length, world.provider.hasNetwork], [0, false]);
    }
    assert(deaths > 12, `${deaths} deaths`);
  });

  Deno.test(`Reconciler that dies ${death} any line while it comes up, and then shall go down, leaves nothing behind`, async () => {
    for (let fuse = 1, lived = false; !lived; fuse++) {
      await using world = new World();
      lived = await world.run(UP, fuse, death);
      assert(await world.run(DOWN));
      assertEquals([world.provider.alive().length, world.provider.hasNetwork], [0, false]);
    }
  });
}

Deno.test("Reconciler gets the machines of a launch whose answer was lost by the same token", async () => {
  await using world = new World();
  world.provider.failures.push("lose the answer");
  assert(await world.run(UP));
  assertEquals(world.provider.machines.size, 2);
});

Deno.test("Reconciler whose journal is lost finds its machines by their tags", async () => {
  await using world = new World();
  assert(await world.run(UP));
  await Deno.remove(`${world.dir}/journal.jsonl`);
  assert(await world.run(UP));
  assertEquals(world.provider.machines.size, 2);
  await Deno.remove(`${world.dir}/journal.jsonl`);
  assert(await world.run(DOWN));
  assertEquals(world.provider.alive(), []);
});

Deno.test("Reconciler launches nothing after a denial, and says which action was denied", async () => {
  await using world = new World();
  const denied: Failure = {
    kind: "denied",
    code: "UnauthorizedOperation",
    message: "ec2:CreateFleet is missing",
    poolId: undefined,
  };
  world.provider.failures.push(denied);
  using journal = new Journal(world.dir, { clock: world.clock });
  await using reconciler = new Reconciler({
    journal,
    provider: world.provider,
    crew: world.crew,
    wanted: () => UP,
    clock: world.clock,
    rng: createRng(1),
  }, "g1");
  for (let turn = 0; turn < 10; turn++) await reconciler.turn();
  assertEquals(world.provider.launches, 1);
  assertEquals(journal.state.stopped, denied);
  const { notes } = await reconciler.turn();
  assertEquals(notes, [{
    type: "stopped",
    message: "UnauthorizedOperation: ec2:CreateFleet is missing",
    untilMs: undefined,
  }]);
});
