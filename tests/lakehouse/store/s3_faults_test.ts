import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { S3Store } from "../../../src/lakehouse/store/s3_store.ts";
import { withClient } from "../s3/servers.ts";
import { type Fault, S3StandIn, type SeenRequest } from "../s3/stand_in.ts";

const PIECE = 1000;
const BYTES = Uint8Array.from({ length: 3500 }, (_, i) => i * 7);

/** Runs `use` with a store whose objects move in pieces of 1,000 bytes. */
async function withStore(
  use: (store: S3Store, server: S3StandIn) => Promise<void>,
): Promise<void> {
  await using server = new S3StandIn();
  const env = {};
  await withClient(
    { name: "stand-in", endpoint: server.endpoint, bucket: server.bucket, env },
    (client) => use(new S3Store(client, { bucket: server.bucket, prefix: "" }, PIECE), server),
  );
}

/** The fault for the first `times` requests that fit. */
function first(
  times: number,
  fault: Fault,
  fits: (request: SeenRequest) => boolean = () => true,
): (request: SeenRequest) => Fault | undefined {
  let left = times;
  return (request) => fits(request) && left-- > 0 ? fault : undefined;
}

const PASSING: readonly Fault[] = [
  { type: "status", status: 500, code: "InternalError" },
  { type: "status", status: 503, code: "SlowDown" },
  { type: "reset", after: "nothing" },
  { type: "reset", after: "effect" },
  { type: "slow", ms: 20 },
];

for (const fault of PASSING) {
  const name = JSON.stringify(fault);
  Deno.test(`S3Store puts and gets in spite of ${name}`, () =>
    withStore(async (store, server) => {
      server.fault = first(1, fault);
      await store.put("small", BYTES.subarray(0, 10));
      server.fault = first(1, fault);
      assertEquals((await store.get("small"))?.bytes, BYTES.subarray(0, 10));
      for (const step of ["uploads", "partNumber", "uploadId"]) {
        server.fault = first(1, fault, ({ parameters }) => parameters.has(step));
        await store.put(`big-${step}`, BYTES);
        assertEquals((await store.get(`big-${step}`))?.bytes, BYTES);
      }
    }));
}

Deno.test("S3Store reads again what was cut off or damaged on its way", () =>
  withStore(async (store, server) => {
    await store.put("k", BYTES);
    for (const fault of [{ type: "truncate" }, { type: "damage" }] as const) {
      server.fault = first(2, fault, ({ method }) => method === "GET");
      assertEquals((await store.get("k"))?.bytes, BYTES);
    }
    server.fault = first(1, { type: "truncate" }, ({ method }) => method === "GET");
    assertEquals(await store.getRange("k", 5, 500, () => {}), BYTES.slice(5, 500));
  }));

Deno.test("S3Store never returns bytes that are not those that were put", () =>
  withStore(async (store, server) => {
    await store.put("k", BYTES);
    server.fault = ({ method }) => method === "GET" ? { type: "damage" } : undefined;
    await assertRejects(() => store.get("k"), Error, "its bytes have the SHA-256");
  }));

Deno.test("S3Store leaves nothing of an upload that failed", () =>
  withStore(async (store, server) => {
    server.fault = ({ parameters }) =>
      parameters.get("partNumber") === "3"
        ? { type: "status", status: 403, code: "AccessDenied" }
        : undefined;
    await assertRejects(() => store.put("k", BYTES), UserError, "AccessDenied");
    assertEquals([server.objects.size, server.openUploads], [0, 0]);
  }));

Deno.test("S3Store does not try again what the store refuses", () =>
  withStore(async (store, server) => {
    server.fault = () => ({ type: "status", status: 403, code: "AccessDenied" });
    await assertRejects(() => store.get("k"), UserError, "Cannot read s3://lake/k: AccessDenied");
    assertEquals(server.requests.length, 1);
  }));

Deno.test("S3Store lists what is on several pages", () =>
  withStore(async (store, server) => {
    server.pageSize = 3;
    const keys = Array.from({ length: 8 }, (_, i) => `p/${i}`);
    for (const key of keys) await store.put(key, BYTES.subarray(0, 1));
    const listed = await Array.fromAsync(store.list("p/"));
    assertEquals(listed.map(({ key }) => key).sort(), keys);
  }));

Deno.test("S3Store asks for no more bytes than a range has", () =>
  withStore(async (store, server) => {
    await store.put("k", BYTES);
    server.bytesSent = 0;
    await store.getRange("k", 100, 200, () => {});
    assertEquals(server.bytesSent, 100);
    assert(server.requests.every(({ method }) => method !== "HEAD"));
  }));
