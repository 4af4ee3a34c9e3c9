import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect, TaskFailedError } from "../../../cluster/client/mod.ts";
import { decodeHeadToClientFrame } from "../../../cluster/protocol/codec.ts";
import { Connection } from "../../../cluster/protocol/connection.ts";
import { PROTOCOL_VERSION } from "../../../cluster/protocol/messages.ts";
import type { HeadToClientMessage, WireTask } from "../../../cluster/protocol/messages.ts";
import type { TaskOutcome } from "../../../cluster/scheduler/types.ts";
import { clusterTests } from "./cluster_test_case.ts";

const MODULE = new URL("./tasks.ts", import.meta.url).href;
const clusterTest = clusterTests(MODULE);

const UNREADABLE_TASK: WireTask = {
  taskId: "stranger/0",
  name: "unreadable",
  payload: new Uint8Array([3, 0, 0, 0, 7]),
  dependencies: [],
  objects: [],
  resources: { cpus: 1 },
  priority: 0,
  retry: { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 },
  runTimeoutMs: Infinity,
};

clusterTest(
  "a failure says which task failed, where, in which attempt and why",
  1,
  async (trial) => {
    const { run, cluster: { client } } = trial;
    const options = { name: "fit", retry: { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 } };
    const error = await assertRejects(
      () => run("fail", ["rank 40 of 50"], options),
      TaskFailedError,
    );
    const { workerId } = (await client.status()).workers[0];
    assertEquals(error.message, `Task fit failed on node ${workerId} (attempt 2): rank 40 of 50`);
    assertEquals([error.reason, error.kind, error.causeName], [
      "rank 40 of 50",
      "thrown",
      "RangeError",
    ]);
    assert(error.cause instanceof RangeError);
    assert(error.cause.stack?.includes("tasks.ts"), error.cause.stack);
    assertEquals((error.cause.cause as Error).message, "the deeper reason");
  },
);

clusterTest(
  "causes, the errors of an AggregateError and plain properties arrive",
  1,
  async ({ run }) => {
    const { cause } = await assertRejects(() => run("failTwice", []), TaskFailedError);
    assert(cause instanceof AggregateError);
    assertEquals([cause.message, (cause.cause as Error).message], [
      "both failed",
      "the outer cause",
    ]);
    const [first, second] = cause.errors;
    assert(first instanceof TypeError);
    assertEquals(second.message, "A value was thrown that is no Error: second");
    const quota = first.cause as Error & { used: number; limits: unknown };
    assertEquals([quota.name, quota.message], ["QuotaError", "7 is over 5"]);
    assertEquals({ ...quota }, { used: 7, limits: { soft: 3, hard: 5 } }, "but not its method");
    assert(quota.stack?.includes("failTwice"), quota.stack);
  },
);

clusterTest(
  "an error that is its own cause ends, and a text that is thrown is told",
  1,
  async ({ run }) => {
    const circle = await assertRejects(() => run("failInCircles", []), TaskFailedError);
    let depth = 0;
    for (let error: unknown = circle.cause; error instanceof Error; error = error.cause) depth++;
    assertEquals(depth, 9);
    await assertRejects(() => run("throwText", []), TaskFailedError, "is no Error: just a text");
  },
);

clusterTest(
  "modules, exports and values that cannot be used are named",
  1,
  async ({ run, cluster: { client } }) => {
    const nowhere = { module: new URL("./nowhere.ts", import.meta.url).href, exportName: "x" };
    const missing = client.submit(nowhere, []).result;
    await assertRejects(() => missing, TaskFailedError, `Cannot load the module ${nowhere.module}`);
    const unknown = await assertRejects(
      () => run("nothing", []),
      TaskFailedError,
      "no such function",
    );
    assert(unknown.reason.includes("it exports QuotaError, add, "), unknown.reason);
    await assertRejects(
      () => run("notAFunction", []),
      TaskFailedError,
      "no function, it is a number",
    );
    await assertRejects(
      () => run("giveFunction", []),
      TaskFailedError,
      "a function at result.steps[1]",
    );

    const fn = { module: MODULE, exportName: "add" };
    assertThrows(
      () => client.submit(fn, [{ deep: [{ callback: () => 1 }] }]),
      TypeError,
      "Cannot encode a function at args[0].deep[0].callback",
    );
    assertThrows(
      () => client.submit(fn, [1, new Map()]),
      TypeError,
      "Cannot encode an instance of Map at args[1]",
    );
    const circle: unknown[] = [];
    circle.push({ circle });
    assertThrows(
      () => client.submit(fn, [circle, 2]),
      TypeError,
      "or in itself, at args[0][0].circle",
    );
    assertThrows(
      () => client.submit(fn, [Promise.resolve(1), 2]),
      TypeError,
      "an instance of Promise at args[0]: only plain data travels",
    );
    const handle = client.submit(fn, [1, 2]);
    assertThrows(
      () => client.submit(fn, [[handle], 2]),
      TypeError,
      "the handles of tasks within args[0]: each has to be an argument itself",
    );
    await assertRejects(() => run("give", []), TaskFailedError, "call it by stream()");
    await assertRejects(
      () => client.get(5 as never),
      TypeError,
      "Cannot use 5: it is no reference",
    );
    const many = Array.from({ length: 100 }, () => "x".repeat(90_000));
    assertThrows(() => client.submit(fn, many), RangeError, "the limit is");
    // None of it harmed the cluster.
    assertEquals(await run("add", [1, 2]), 3);
  },
);

clusterTest(
  "a client of another version is told both versions",
  1,
  async ({ cluster: { headUrl, token } }) => {
    const lost = Promise.withResolvers<Error>();
    const connection = new Connection({
      headUrl,
      endpoint: "client",
      token,
      decode: decodeHeadToClientFrame,
      hello: () => ({ type: "ClientHello", protocol: 999, clientId: "from the future" }),
      onMessage: () => {},
      onLost: lost.resolve,
      patienceMs: 10_000,
    });
    const { message } = await lost.promise;
    assert(/protocol 999 is not this head's 1\b/.test(message), message);
    await connection.close();
  },
);

Deno.test("what is no address of a head is refused at once", () => {
  const message = 'Cannot connect to "localhost:7700": an address looks like';
  assertThrows(() => connect({ headUrl: "localhost:7700", token: "any" }), TypeError, message);
});

clusterTest(
  "what an embedded cluster could never hold fails at once, and says what it has",
  1,
  async ({ run, notices }) => {
    await run("add", [1, 2]);
    const error = await assertRejects(
      () => run("add", [1, 2], { resources: { cpus: 1, gpu: 1 } }),
      TaskFailedError,
      "could never hold 1 cpu, 1 gpu: it has 1 cpu, 0 gpu",
    );
    assertEquals([error.kind, notices], ["unschedulable", []], "no warning that it waits");
  },
);

Deno.test("a head that cannot be reached fails what is pending, with its address", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const headUrl = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  await using client = connect({ headUrl, token: "any", patienceMs: 100 });
  const { result } = client.submit({ module: MODULE, exportName: "add" }, [1, 2]);
  await assertRejects(() => result, Error, `The head at ${headUrl} was away for`);
  await assertRejects(() => client.status(), Error, headUrl);
  assertThrows(() => client.submit({ module: MODULE, exportName: "add" }, [1, 2]), Error, headUrl);
});

clusterTest(
  "a task whose bytes name no call fails alone",
  1,
  async ({ cluster: { headUrl, token }, run }) => {
    const ended = Promise.withResolvers<TaskOutcome>();
    const connection = new Connection<HeadToClientMessage>({
      headUrl,
      endpoint: "client",
      token,
      decode: decodeHeadToClientFrame,
      patienceMs: 1_000,
      hello: () => ({ type: "ClientHello", protocol: PROTOCOL_VERSION, clientId: "stranger" }),
      onOpen: () => connection.send([{ type: "SubmitTasks", tasks: [UNREADABLE_TASK] }]),
      onMessage: (message) => {
        if (message.type === "TasksEnded") ended.resolve(message.ended[0].outcome);
      },
      onLost: ended.reject,
    });
    const outcome = await ended.promise;
    await connection.close();
    assert(outcome.type === "failed", outcome.type);
    assertEquals(outcome.error.kind, "thrown");
    assertEquals(await run("add", [1, 2]), 3);
  },
);
