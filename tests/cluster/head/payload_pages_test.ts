import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { PagedSpec, PAGES_SCHEMA, PayloadPages } from "../../../cluster/head/payload_pages.ts";
import type { TaskRecord } from "../../../cluster/scheduler/types.ts";
import { taskSpec } from "../scheduler/scenario.ts";

function record(taskId: string, payload: Uint8Array): TaskRecord {
  return {
    spec: taskSpec(taskId, { payload }),
    state: "ready",
    failures: 0,
    losses: 0,
    outcome: undefined,
    submittedAtMs: 5,
    finishedAtMs: undefined,
    life: undefined,
  };
}

function withPages(test: (pages: PayloadPages, pageCount: () => number) => void): void {
  using database = new DatabaseSync(":memory:");
  database.exec(PAGES_SCHEMA);
  const pageCount = () => Number(database.prepare("SELECT count(*) AS n FROM pages").get()?.n);
  test(new PayloadPages(database), pageCount);
}

const known = (records: readonly TaskRecord[]) =>
  new Map(records.map((record) => [record.spec.taskId, { record }]));

Deno.test("a paged task has the payload that it had, whatever its size, and else the same fields", () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 40 });
  fc.assert(fc.property(payloads, (payloads) =>
    withPages((pages) => {
      const records = payloads.map((payload, i) => record(`${i}`, payload));
      const before = records.map(({ spec }) => ({ ...spec }));
      pages.write(records);
      records.forEach(({ spec }, i) => {
        assert(spec instanceof PagedSpec);
        const given = Object.entries(spec).filter(([, value]) => value !== undefined);
        assertEquals<unknown>(
          { ...Object.fromEntries(given), payload: new Uint8Array(spec.payload) },
          before[i],
        );
      });
    })));
});

Deno.test("large payloads get pages of their own, and far more pages than are kept in memory can be read", () =>
  withPages((pages, pageCount) => {
    const records = Array.from(
      { length: 60 },
      (_, i) => record(`${i}`, new Uint8Array(600_000).fill(i)),
    );
    pages.write(records);
    assertEquals(pageCount(), 60);
    for (const i of [0, 59, 30, 0, 7]) assertEquals(records[i].spec.payload[599_999], i);
  }));

Deno.test("a task is paged when it waits among many, and not when it is about to run", () =>
  withPages((pages) => {
    const waiting = record("a", new Uint8Array(1_000));
    assertEquals([pages.isFar(waiting, 10_000), pages.isFar(waiting, 100_000)], [false, true]);
    assertEquals(pages.isFar({ ...waiting, state: "assigned" }, 100_000), false);
    assertEquals(pages.isFar(record("b", new Uint8Array(1_000_000)), 100), true);
    pages.write([waiting]);
    assertEquals(pages.isFar(waiting, 100_000), false);
  }));

Deno.test("a page goes once none of its tasks is known, and a sweep is due when that is likely", () =>
  withPages((pages, pageCount) => {
    const records = Array.from({ length: 40 }, (_, i) => record(`${i}`, new Uint8Array(600_000)));
    pages.write(records);
    assert(pages.isDueForSweep(40));
    pages.sweep(known(records));
    assertEquals([pageCount(), pages.isDueForSweep(40), pages.isDueForSweep(19)], [
      40,
      false,
      true,
    ]);
    pages.sweep(known(records.slice(30)));
    assertEquals([pageCount(), records[35].spec.payload.byteLength], [10, 600_000]);
    assertThrows(() => records[3].spec.payload, Error, "page 4 is not stored");
  }));

Deno.test("pages that could not be stored are as if nothing had been tried: tasks have their payloads, and the next try succeeds", () =>
  withPages((pages, pageCount) => {
    const old = [record("old", new Uint8Array([1]))];
    pages.write(old);
    const records = [record("new", new Uint8Array([2]))];
    const full = new Error("database or disk is full");
    const work = () => {
      pages.write(records);
      pages.sweep(known(records));
    };
    const failing = () =>
      pages.transact(records, () => {
        work();
        throw full;
      });
    assertThrows(failing, Error, full.message);
    assertEquals(pageCount(), 1);
    assertEquals(records[0].spec.payload, new Uint8Array([2]));
    assertEquals(old[0].spec.payload[0], 1);
    pages.transact(records, work);
    assertEquals(pageCount(), 1);
    assertEquals(records[0].spec.payload[0], 2);
    assertThrows(() => old[0].spec.payload, Error, "is not stored");
  }));
