import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { HeadLease, readHeadRecord } from "../../../src/cli/failover/head_record.ts";
import type { StoredObject } from "../../../src/lakehouse/store/object_store.ts";
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
    // To the first head no time passes: it was cut off, or stopped, and does not know.
    const stopped = { nowMs: () => 1_000 };
    const first = await HeadLease.take(store, { ...options, clock: stopped, onWait: () => {} });
    await first.state.snapshot(new Uint8Array([1]));
    await first.state.append(new Uint8Array([2]));
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
    await assertRejects(
      () => first.state.snapshot(new Uint8Array([9])),
      Error,
      "another head took over",
    );
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

/** A store that can stop to answer. */
class SilentStore extends LocalStore {
  isSilent = false;

  override async swap(...args: Parameters<LocalStore["swap"]>): Promise<string | undefined> {
    if (this.isSilent) await new Promise(() => {});
    return await super.swap(...args);
  }
}

Deno.test("HeadLease tells its head to end in time when the store does not answer any more", () =>
  inStore(async ({ url }) => {
    const store = new SilentStore(url);
    const signal = new AbortController().signal;
    const lease = await HeadLease.take(store, { signal, onWait: () => {}, leaseMs: LEASE_MS });
    store.isSilent = true;
    assertMatch(await lease.keep(signal) ?? "", /could not be renewed/);
  }));

Deno.test("HeadLease goes by when a record changed as it saw it, whatever the clock of its head says", () =>
  inStore(async (store) => {
    const signal = new AbortController().signal;
    const ahead = { nowMs: () => Date.now() + 3_600_000 };
    await HeadLease.take(store, { signal, onWait: () => {}, clock: ahead, leaseMs: LEASE_MS });
    const late = { ms: 1_000, nowMs: () => late.ms };
    const onWait = () => late.ms += LEASE_MS;
    await HeadLease.take(store, { signal, onWait, clock: late, leaseMs: LEASE_MS });
    assertEquals(late.ms, 1_000 + LEASE_MS);
    assertEquals((await readHeadRecord(store))?.record.term, 2);
  }));

/** A store that is away for a while. */
class AwayStore extends LocalStore {
  failures = 0;

  override async get(key: string): Promise<StoredObject | undefined> {
    if (this.failures-- > 0) throw new Error("the store is away");
    return await super.get(key);
  }
}

Deno.test("HeadLease of a standby outlives that the store is away, and takes over what nobody renewed meanwhile", () =>
  inStore(async ({ url }) => {
    const store = new AwayStore(url);
    const signal = new AbortController().signal;
    const clock = { ms: 1_000, nowMs: () => clock.ms };
    const options = { signal, clock, leaseMs: LEASE_MS };
    await HeadLease.take(store, { ...options, onWait: () => {} });
    const onWait = () => {
      clock.ms += LEASE_MS;
      store.failures = 3;
    };
    assertEquals((await HeadLease.take(store, { ...options, onWait })).term, 2);
  }));
