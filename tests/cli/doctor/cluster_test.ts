import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ClusterStatus } from "../../../cluster/client/mod.ts";
import { type ClusterFacts, judgeCluster } from "../../../src/cli/doctor/cluster.ts";

type WorkerState = ClusterStatus["workers"][number]["state"];

function statusWith(states: readonly WorkerState[], ageMs = 0): ClusterStatus {
  return {
    headPid: 1,
    headPeakMemoryBytes: 1,
    refusedConnections: 0,
    tasks: {},
    queue: { waiting: ageMs > 0 ? [{ resources: { gpu: 2 }, taskCount: 1 }] : [], ageMs },
    objects: { count: 0, sizeBytes: 0 },
    actors: [],
    workers: states.map((state, i) => ({
      workerId: `w${i}`,
      state,
      capacity: { cpus: 1 },
      running: 0,
      queued: 0,
      preparing: [],
      storedBytes: undefined,
      pulledBytes: 0,
      executors: [],
    })),
  };
}

const NODE = { nowMs: 1_050, diskBytes: 2 ** 36 };
const PROBE = { workerId: "w0", sentAtMs: 1_000, answeredAtMs: 1_100, outcome: NODE };

const HEALTHY: ClusterFacts = {
  headUrl: "http://127.0.0.1:7700",
  tokenFile: "artifacts/head/token",
  isTokenOpen: false,
  unreachable: undefined,
  protocol: { head: 1, own: 1 },
  skewMs: -900,
  acceptsToken: true,
  status: statusWith(["connected", "dead"]),
  probes: [PROBE],
};

function illsOf(facts: Partial<ClusterFacts>): string[] {
  return judgeCluster({ ...HEALTHY, ...facts }).filter(({ level }) => level !== "ok")
    .map(({ check, level, found, mend }) => {
      assert(mend !== undefined && mend.length > 10, `${check} says nothing of what to do`);
      return `${check} ${level}: ${found}`;
    });
}

Deno.test("judgeCluster() finds nothing in a healthy cluster", () => {
  assertEquals(illsOf({}), []);
  const node = judgeCluster(HEALTHY).find(({ check }) => check === "node w0");
  assertEquals(node?.found, "ran a task in 100 ms, 64 GiB of disk free");
});

Deno.test("judgeCluster() says what keeps one out, and nothing of what it cannot know then", () => {
  const away = judgeCluster({ ...HEALTHY, unreachable: "connection refused", status: undefined });
  assertEquals(away.map(({ check, level }) => `${check} ${level}`), ["head error"]);
  const other = { protocol: { head: 2, own: 1 }, acceptsToken: false, status: undefined };
  assertEquals(illsOf(other), ["version error: the head speaks protocol 2, this program 1"]);
  assertEquals(illsOf({ acceptsToken: false, status: undefined, probes: [] }), [
    "token error: the one in artifacts/head/token is refused",
  ]);
});

Deno.test("judgeCluster() names workers that are away, waiting tasks, open tokens, and clocks that differ", () => {
  assertEquals(illsOf({ status: statusWith([]), probes: [] }), [
    "workers error: none is connected",
  ]);
  assertEquals(illsOf({ status: statusWith(["connected", "suspected"]) }), [
    "workers warning: nothing is heard of w1",
  ]);
  assertEquals(illsOf({ status: statusWith(["connected"], 90_000) }), [
    "queue warning: the first task waits for 90 s, for 2 gpu",
  ]);
  assertEquals(illsOf({ isTokenOpen: true }), [
    "token file warning: artifacts/head/token is open to others",
  ]);
  assertEquals(illsOf({ skewMs: 61_000 }), ["clock warning: the head's is 61 s ahead"]);
  assertEquals(illsOf({ skewMs: -61_000 }), ["clock warning: the head's is 61 s behind"]);
});

Deno.test("judgeCluster() tells of each node whether a task runs there, its clock and its disk", () => {
  const of = (outcome: ClusterFacts["probes"][number]["outcome"]) =>
    illsOf({ probes: [{ ...PROBE, outcome }] });
  assertEquals(of({ failure: "it did not start" }), ["node w0 error: it did not start"]);
  assertEquals(of({ ...NODE, nowMs: 31_100 }), ["node w0 warning: its clock is 30 s ahead"]);
  assertEquals(of({ ...NODE, nowMs: -29_000 }), ["node w0 warning: its clock is 30 s behind"]);
  assertStringIncludes(of({ ...NODE, diskBytes: 2 ** 20 })[0], "1 MiB of disk free");
});
