import { assertEquals, assertRejects } from "@std/assert";
import { askPatiently } from "../../../cluster/objects/ask_patiently.ts";

/** Fails so many times as `fetch` does when nobody is there. */
function awayFor(times: number): { readonly ask: () => Promise<string>; readonly asked: string[] } {
  const asked: string[] = [];
  const ask = () => {
    const isAway = asked.push("asked") <= times;
    return isAway ? Promise.reject(new TypeError("refused")) : Promise.resolve("here");
  };
  return { ask, asked };
}

Deno.test("askPatiently() asks until somebody answers", async () => {
  const { ask, asked } = awayFor(2);
  assertEquals(await askPatiently({ patienceMs: 60_000 }, ask), "here");
  assertEquals(asked.length, 3);
});

Deno.test("askPatiently() without patience asks once", async () => {
  const { ask, asked } = awayFor(1);
  await assertRejects(() => askPatiently({ patienceMs: 0 }, ask), TypeError, "refused");
  assertEquals(asked.length, 1);
});

Deno.test("askPatiently() passes on at once what is no absence", async () => {
  const refuse = () => Promise.reject(new RangeError("too large"));
  await assertRejects(() => askPatiently({ patienceMs: 60_000 }, refuse), RangeError, "too large");
});

Deno.test("askPatiently() ends its wait when nobody wants the answer any more", async () => {
  const { ask } = awayFor(Infinity);
  const ended = new AbortController();
  const answer = askPatiently({ patienceMs: 60_000, signal: ended.signal }, ask);
  ended.abort();
  await assertRejects(() => answer, TypeError, "refused");
});
