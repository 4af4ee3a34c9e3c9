import { assert, assertEquals, assertRejects } from "@std/assert";
import { HeadLease, readHeadRecord } from "../../../src/cli/failover/head_record.ts";
import { LocalStore } from "../../../src/lakehouse/store/local_store.ts";

const LEASE_MS = 50;

async function inStore(run: (store: LocalStore) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(new LocalStore(dir));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("HeadLease fences a head whose time was over: it can write neither record nor state, and is told to end", () =>
  inStore(async (store) => {
    const clock = { ms: 1_000, nowMs: () => clock.ms };
    const options = { signal: new AbortController().signal, clock, leaseMs: LEASE_MS };
    const first = await HeadLease.take(store, { ...options, onWait: () => {} });
    await first.snapshot(new Uint8Array([1]));
    await first.append(new Uint8Array([2]));
    await first.publish("http://127.0.0.1:1");
    const waits: number[] = [];
    // Held until its time is over, which comes while the second waits.
    const onWait = ({ term }: { readonly term: number }) => {
      waits.push(term);
      clock.ms += LEASE_MS;
    };
    const second = await HeadLease.take(store, { ...options, onWait });
    assertEquals(waits, [1]);
    assertEquals((await readHeadRecord(store))?.record.term, 2);
    await assertRejects(() => first.publish("http://127.0.0.1:2"), Error, "another head took over");
    await assertRejects(() => first.snapshot(new Uint8Array([9])), Error, "another head took over");
    assertEquals(await first.keep(options.signal), "another head has taken over");
    const state = await second.inherited();
    assertEquals([state?.snapshot, state?.changes], [
      new Uint8Array([1]),
      [new Uint8Array([2])],
    ]);
  }));

Deno.test("HeadLease of a head that ends gives its turn at once", () =>
  inStore(async (store) => {
    const signal = new AbortController().signal;
    const onWait = () => assert(false, "it waits");
    const first = await HeadLease.take(store, { signal, onWait });
    await first.release();
    await HeadLease.take(store, { signal, onWait });
    assertEquals((await readHeadRecord(store))?.record.term, 2);
  }));
