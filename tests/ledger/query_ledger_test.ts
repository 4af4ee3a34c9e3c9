import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { openLedger, queryLedger, selectSteps } from "../../src/ledger/mod.ts";
import { GENESIS, inFolder, writeOptimisations } from "./ledger_files.ts";

Deno.test("queryLedger() gives a row a step, with what its intent and its outcome say", async () => {
  await inFolder(async (path) => {
    await writeOptimisations(path, 2);
    const steps = await queryLedger(path, { window: "1", profile: "équal" });
    assertEquals(steps.toRecords(), [{
      intent: 4,
      step: "optimise",
      window: 1,
      engine: "flat",
      profile: "équal",
      simulator: null,
      status: "cached",
      started_at: "1970-01-01T00:00:01.000Z",
      ended_at: "1970-01-01T00:00:01.000Z",
      duration_ms: 0,
      line: 8,
      outcome_line: 9,
      context: '{"engine":"flat","profile":"équal","window":1}',
      inputs: '{"returns":"r"}',
      outputs: '{"weights":{"AAPL":0.25,"XOM":1e-7}}',
    }]);
  });
});

Deno.test("queryLedger() finds steps by kind and status, and open ones while a run goes on", async () => {
  await inFolder(async (path) => {
    await writeOptimisations(path, 3);
    using ledger = await openLedger(path, GENESIS);
    ledger.intent("report", null, []);
    ledger.flush();
    const count = async (filter: object) => (await queryLedger(path, filter)).height;
    assertEquals(await count({}), 7);
    assertEquals(await count({ step: "optimise", status: "cached" }), 2);
    assertEquals(await count({ status: "open" }), 1);
    assertEquals(await count({ step: "report", window: "0" }), 0);
    await Deno.writeTextFile(path, '{"torn', { append: true });
    assertEquals(await count({}), 7);
  });
});

Deno.test("selectSteps() answers SQL, and tells the columns to a query that fails", async () => {
  await inFolder(async (path) => {
    await writeOptimisations(path, 3);
    const steps = await queryLedger(path);
    const sql = "select profile, count(*) as n from steps where window > 0 group by profile " +
      "order by profile";
    assertEquals((await selectSteps(steps, sql)).toRecords(), [
      { profile: "hrp", n: 2 },
      { profile: "équal", n: 2 },
    ]);
    const error = await assertRejects(() => selectSteps(steps, "select x from steps"), UserError);
    assertStringIncludes(error.hint ?? "", "outcome_line, context, inputs, outputs");
  });
});
