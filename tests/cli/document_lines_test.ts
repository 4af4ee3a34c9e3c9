import { assertEquals } from "@std/assert";
import { documentLines } from "../../src/cli/document_lines.ts";

Deno.test("documentLines() writes members as names and values, times as such, and lists as tables", () => {
  const lines = documentLines({
    total: 2,
    head: { pid: 7, startedAtMs: 1_800_000_000_000 },
    rows: [
      { taskId: "a", failures: 0, stack: "one\n  two", runs: ["x", "y"] },
      { taskId: "bcd", failures: 12.34567, error: null },
    ],
    none: [],
  });
  assertEquals(lines, [
    "total             2",
    "head.pid          7",
    "head.startedAtMs  2027-01-15T08:00:00.000Z",
    "none              –",
    "",
    "rows (2)",
    "taskId  failures  stack    runs  error",
    "a       0         one two  x, y  –",
    "bcd     12.346    –        –     –",
  ]);
});

Deno.test("documentLines() takes an object of objects for a list, as nodes by their ids are", () => {
  assertEquals(documentLines({ nodes: { w: { state: "dead", capacity: { cpus: 2 } } } }), [
    "",
    "nodes (1)",
    "state  capacity",
    "dead   cpus 2",
  ]);
});

Deno.test("documentLines() leaves lists within rows to the JSON, and says how long a long list is", () => {
  const lines = documentLines({
    rows: [{ id: 1, parts: [{ a: 1 }], many: Array.from({ length: 9 }, (_, i) => i) }],
  });
  assertEquals(lines.slice(2), ["id  many", "1   0, 1, 2, 3, 4, 5, 6, 7, … 9 in all"]);
});
