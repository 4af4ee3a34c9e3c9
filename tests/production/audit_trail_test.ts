import { assert, assertEquals, assertRejects } from "@std/assert";
import { flow, openFlowStore, task } from "../../src/flow/mod.ts";
import { openLedger, verifyLedger } from "../../src/ledger/mod.ts";
import { AuditTrail } from "../../src/production/audit_trail.ts";

const GENESIS = {
  runId: "r",
  profile: "p",
  versions: {},
  manifestHash: "m",
  lockHash: "l",
  gitHash: null,
};

interface Place {
  readonly dir: string;
  readonly trail: AuditTrail;
  /** Closes the ledger and gives step, status and outputs of each outcome, by step. */
  outcomes(): Promise<[string, string, Record<string, unknown>][]>;
}

async function withTrail(test: (place: Place) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/audit.jsonl`;
  const ledger = await openLedger(path, GENESIS);
  const outcomes: Place["outcomes"] = async () => {
    ledger.close();
    const { ok, intentsWithoutOutcome } = await verifyLedger(path);
    assertEquals([ok, intentsWithoutOutcome], [true, []]);
    return (await Deno.readTextFile(path)).trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ type }) => type === "outcome")
      .map(({ step, status, outputs }): [string, string, Record<string, unknown>] => [
        step,
        status,
        outputs,
      ]).sort(([a], [b]) => a < b ? -1 : 1);
  };
  try {
    await test({ dir, trail: new AuditTrail(ledger), outcomes });
  } finally {
    ledger.close();
    await Deno.remove(dir, { recursive: true });
  }
}

function recordAs<R>(trail: AuditTrail, step: string, run: () => R | Promise<R>): Promise<R> {
  return trail.record({ step, context: {}, inputs: {}, run, outputs: () => ({}) });
}

Deno.test("AuditTrail closes the intent of a step whose outputs no ledger can hold", () =>
  withTrail(async ({ trail, outcomes }) => {
    const step = { step: "s", context: {}, inputs: {}, run: () => NaN };
    await assertRejects(
      () => trail.record({ ...step, outputs: (weight) => ({ weight }) }),
      TypeError,
      "weight",
    );
    assertEquals((await outcomes()).map(([, status]) => status), ["failed"]);
  }));

Deno.test("AuditTrail hands the step's own error on", () =>
  withTrail(async ({ trail, outcomes }) => {
    const thrown = await assertRejects(() => recordAs(trail, "s", () => Promise.reject("a text")));
    assertEquals(thrown as unknown, "a text");
    assertEquals(await outcomes(), [["s", "failed", { error: "a text" }]]);
  }));

Deno.test("AuditTrail tells the tasks of steps apart that run at the same time", () =>
  withTrail(async ({ dir, trail, outcomes }) => {
    const double = task("double", (x: number) => 2 * x, { run: "local", module: import.meta.url });
    using store = openFlowStore(`${dir}/flow.db`);
    const steps = (...inputs: number[]) =>
      flow(
        "f",
        () => Promise.all(inputs.map((x) => recordAs(trail, `step ${x}`, () => double(x)))),
      );
    const onEvent = trail.note.bind(trail);
    await steps(1).run([], { store, runId: "one", onEvent });
    await steps(1, 2).run([], { store, runId: "two", onEvent });
    assertEquals((await outcomes()).map(([step, status]) => [step, status]), [
      ["step 1", "completed"],
      ["step 1", "cached"],
      ["step 2", "completed"],
    ]);
  }));

Deno.test("one step that fails is the only failed one: those that it cancels are cancelled", () =>
  withTrail(async ({ dir, trail, outcomes }) => {
    const work = task("work", async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (x === 1) throw new RangeError("singular");
      await new Promise<never>(() => {});
    }, { run: "local" });
    using store = openFlowStore(`${dir}/flow.db`);
    const run = flow(
      "f",
      () => Promise.all([1, 2, 3].map((x) => recordAs(trail, `step ${x}`, () => work(x)))),
    ).run([], { store, runId: "r", onEvent: trail.note.bind(trail) });
    await assertRejects(() => run, Error, "singular");
    const ended = await outcomes();
    assertEquals(ended.map(([step, status]) => [step, status]), [
      ["step 1", "failed"],
      ["step 2", "cancelled"],
      ["step 3", "cancelled"],
    ]);
    assert(ended.every(([, , { error }]) => String(error).includes("singular")));
  }));

Deno.test("steps are cancelled when the run is", () =>
  withTrail(async ({ dir, trail, outcomes }) => {
    const abort = new AbortController();
    const hang = task("hang", (_: number) => new Promise<never>(() => {}), { run: "local" });
    using store = openFlowStore(`${dir}/flow.db`);
    const run = flow("f", () =>
      Promise.all([1, 2].map((x) =>
        recordAs(trail, `step ${x}`, () => {
          if (x === 2) queueMicrotask(() => abort.abort(new Error("it was interrupted")));
          return hang(x);
        })
      ))).run([], { store, runId: "r", signal: abort.signal });
    await assertRejects(() => run);
    assertEquals((await outcomes()).map(([step, status]) => [step, status]), [
      ["step 1", "cancelled"],
      ["step 2", "cancelled"],
    ]);
  }));
