import { assertEquals } from "@std/assert";
import type { ClusterStatus } from "../../cluster/client/mod.ts";
import { statusText } from "../../src/cli/status_text.ts";

const MIB = 2 ** 20;

const EMPTY: ClusterStatus = {
  headPid: 7,
  headPeakMemoryBytes: 68 * MIB,
  refusedConnections: 0,
  tasks: { ready: 0, running: 0 },
  queue: { waiting: [], ageMs: 0 },
  objects: { count: 0, sizeBytes: 0 },
  actors: [],
  workers: [],
};

Deno.test("a head that has nothing says what to type next", () => {
  assertEquals(statusText("http://127.0.0.1:7700", EMPTY, false).split("\n"), [
    "Head     http://127.0.0.1:7700, process 7, peak memory 68 MiB",
    "Tasks    none",
    "Objects  none",
    "Refused  0 connections",
    "Workers  none: deno task worker joins one",
    "",
  ]);
});

Deno.test("actors are named with their place; living executors are lines, those that ended are one", () => {
  const executor = { tasksDone: 2, permissions: "", peakMemoryBytes: 60 * MIB, isAlive: true };
  const status: ClusterStatus = {
    ...EMPTY,
    tasks: { ready: 3, running: 1 },
    objects: { count: 2, sizeBytes: 5 * MIB },
    actors: [{
      actorId: "client/0",
      className: "PriceStore",
      name: "prices",
      state: "alive",
      workerId: "node",
      calls: 4,
    }, {
      actorId: "client/9",
      className: "Model",
      name: undefined,
      state: "waiting",
      workerId: undefined,
      calls: 0,
    }],
    workers: [{
      workerId: "node",
      state: "connected",
      capacity: { cpus: 2, memoryBytes: 2 ** 31 },
      running: 1,
      queued: 0,
      preparing: [],
      storedBytes: undefined,
      pulledBytes: 0,
      executors: [
        { ...executor, pid: 11, isAlive: false },
        { ...executor, pid: 12, peakMemoryBytes: 90 * MIB, isAlive: false },
        { ...executor, pid: 13 },
      ],
    }],
  };
  assertEquals(statusText("http://h", status, true).split("\n").slice(1, -1), [
    "Tasks    3 ready, 1 running",
    "Objects  2, 5 MiB",
    "Refused  0 connections",
    'Actor    client/0  PriceStore "prices", alive on node, 4 calls',
    "Actor    client/9  Model, waiting, 0 calls",
    "Worker   node  connected, 2 cpus, 2 GiB memory, 1 running, 0 queued",
    "           executor 13: 2 tasks done, peak memory 60 MiB, permissions usual",
    "           2 executors that ended: 4 tasks done, peak memory 90 MiB",
  ]);
});
