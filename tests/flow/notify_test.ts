import { assertEquals } from "@std/assert";
import { flow, SIGNATURE_HEADER, signWebhook, verifyWebhook } from "../../src/flow/mod.ts";
import { deliverDue } from "../../src/flow/notify/deliver.ts";
import { withStore } from "./with_store.ts";

Deno.test("a signature holds for its body, secret and time alone", () => {
  const header = signWebhook("{}", "secret", 1_000_000);
  assertEquals(verifyWebhook("{}", header, "secret", 1_000_000), true);
  assertEquals(verifyWebhook("{ }", header, "secret", 1_000_000), false);
  assertEquals(verifyWebhook("{}", header, "other", 1_000_000), false);
  assertEquals(verifyWebhook("{}", header, "secret", 1_400_000), false);
  assertEquals(verifyWebhook("{}", "t=1,v1=zz", "secret", 1_000), false);
});

Deno.test("a webhook that fails is tried again later, signed, and leaves the store when it arrived", async () => {
  await withStore(async (store) => {
    const answers = [500, 200];
    const received: string[] = [];
    await using server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
      const body = await request.text();
      const header = request.headers.get(SIGNATURE_HEADER)!;
      if (verifyWebhook(body, header, "s", nowMs)) received.push(JSON.parse(body).to);
      return new Response(null, { status: answers.shift()! });
    });
    let nowMs = Date.now();
    const url = `http://127.0.0.1:${server.addr.port}/`;
    const target = { type: "webhook", url, secret: "s" } as const;
    store.notifications.put({ name: "desk", target, states: ["Completed"] });
    await flow("f", () => 1).run([], { store, runId: "r" });
    const failures: string[] = [];
    const clock = { nowMs: () => nowMs };
    nowMs = Date.now();
    assertEquals(await deliverDue(store, clock, (message) => failures.push(message)), 0);
    assertEquals(failures, ["desk was not reached, attempt 1: it answered 500"]);
    assertEquals(store.notifications.due(nowMs).length, 0);
    nowMs += 1000;
    assertEquals(await deliverDue(store, clock, () => {}), 1);
    assertEquals(received, ["Completed", "Completed"]);
  });
});
