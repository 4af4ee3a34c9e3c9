import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { boundedMap } from "../../src/flow/bounded_map.ts";
import { CancelScope } from "../../src/flow/cancel_scope.ts";

/** Gives way to others so many times. */
async function yieldTimes(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await Promise.resolve();
}

Deno.test("boundedMap() gives results in input order whatever order they end in, and never exceeds its limit", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.nat({ max: 9 }), { maxLength: 40 }),
    fc.integer({ min: 1, max: 8 }),
    async (yields, limit) => {
      let running = 0;
      const results = await boundedMap(yields.entries(), limit, undefined, async ([i, times]) => {
        assert(++running <= limit);
        await yieldTimes(times);
        running--;
        return i;
      });
      assertEquals(results, [...yields.keys()]);
    },
  );
  await fc.assert(property);
});

Deno.test("boundedMap() takes inputs only when it can start them", async () => {
  let taken = 0;
  function* endless() {
    while (true) yield taken++;
  }
  const map = boundedMap(endless(), 3, undefined, async (i) => {
    await yieldTimes(3);
    if (i === 5) throw new Error("five");
  });
  await assertRejects(() => map, Error, "five");
  assert(taken <= 10, `${taken} inputs were taken`);
});

Deno.test("boundedMap() waits for what runs before it throws the first failure", async () => {
  const ended: number[] = [];
  const map = boundedMap([0, 1, 2, 3, 4], 3, undefined, async (i) => {
    await yieldTimes(10 * i);
    ended.push(i);
    if (i !== 2) throw new Error(`failure of ${i}`);
  });
  await assertRejects(() => map, Error, "failure of 0");
  assertEquals(ended, [0, 1, 2]);
});

Deno.test("boundedMap() ends with its parent's reason when that is cancelled", async () => {
  const parent = new CancelScope();
  const map = boundedMap([1, 2, 3], 1, parent, async (i) => {
    if (i === 2) parent.cancel(new Error("stop"));
    await yieldTimes(1);
  });
  await assertRejects(() => map, Error, "stop");
});

Deno.test("boundedMap() throws what its inputs throw", async () => {
  function* broken() {
    yield 1;
    throw new Error("no more inputs");
  }
  const map = boundedMap(broken(), 2, undefined, (i) => Promise.resolve(i));
  await assertRejects(() => map, Error, "no more inputs");
});

Deno.test("boundedMap() refuses a limit below 1", async () => {
  await assertRejects(
    () => boundedMap([1], 0, undefined, (i) => Promise.resolve(i)),
    RangeError,
    "current value is 0",
  );
});

Deno.test("CancelScope cancels what is inside, not what is around it, and keeps the first reason", () => {
  const outer = new CancelScope();
  const inner = new CancelScope(outer);
  const sibling = new CancelScope(outer);
  inner.cancel(new Error("inner"));
  assertEquals([outer.reason, sibling.reason], [undefined, undefined]);
  outer.cancel(new Error("outer"));
  assertEquals([inner.reason?.message, sibling.reason?.message], ["inner", "outer"]);
  assertEquals(new CancelScope(outer).signal.aborted, true);
});
