import { assertEquals } from "@std/assert";
import { attemptClientId } from "../../../cluster/scheduler/mod.ts";
import { Scenario, taskSpec } from "./scenario.ts";

const NOTE = { objectId: "note", sizeBytes: 8 };

/** The code of a task's newest attempt puts an object. */
function put(run: Scenario, taskId: string): void {
  const { attemptId } = run.attempt(taskId);
  const attempt = { taskId, attemptId };
  run.send({ type: "ObjectsStored", holder: undefined, objects: [NOTE] });
  run.send({
    type: "ObjectsHeld",
    clientId: attemptClientId(attemptId),
    objects: [NOTE],
    attempt,
  });
}

function withPut(): Scenario {
  const run = new Scenario({ objectGraceMs: 100 });
  run.join("w");
  run.submit(taskSpec("task"));
  run.started("task");
  put(run, "task");
  run.waitUntil(5_000);
  assertEquals(run.all("DeleteObject"), [], "it is kept while the attempt is live");
  return run;
}

Deno.test("what the code of an attempt put goes with the attempt, whatever ends it", () => {
  const endings: ((run: Scenario) => void)[] = [
    (run) => run.succeed("task"),
    (run) => run.fail("task"),
    (run) => run.send({ type: "CancelRequested", taskIds: ["task"] }),
    (run) => run.send({ type: "WorkerDied", workerId: "w", reason: "test" }),
  ];
  for (const end of endings) {
    const run = withPut();
    end(run);
    run.waitUntil(5_200);
    assertEquals(run.all("DeleteObject").map(({ objectId }) => objectId), ["note"]);
  }
});

Deno.test("what an attempt puts that is not live any more is not kept", () => {
  const run = withPut();
  run.send({ type: "CancelRequested", taskIds: ["task"] });
  run.waitUntil(5_200);
  put(run, "task");
  run.waitUntil(5_400);
  assertEquals(run.state.directory.objects.size, 0);
});
