import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { connect, rotateToken } from "../../../cluster/client/mod.ts";
import { viewerToken } from "../../../cluster/head/dashboard/session.ts";
import type { Head } from "../../../cluster/head/head.ts";
import type { PreviousToken } from "../../../cluster/head/token_desk.ts";
import { bearer } from "../../../cluster/protocol/access.ts";
import { decodeHeadToWorkerFrame } from "../../../cluster/protocol/codec.ts";
import { Connection } from "../../../cluster/protocol/connection.ts";
import type { HeadToWorkerMessage } from "../../../cluster/protocol/messages.ts";
import { TOKEN, withHead } from "./scripted_worker.ts";

const HOUR_MS = 3_600_000;

/** What a head kept, newest first. */
function keeper(previous?: PreviousToken) {
  const kept: { token: string; previous: PreviousToken | undefined }[] = [];
  return {
    kept,
    tokenFiles: {
      previous,
      keep: (token: string, previous: PreviousToken | undefined) => {
        kept.unshift({ token, previous });
      },
    },
  };
}

async function statusWith(head: Head, token: string, path = "/metrics"): Promise<number> {
  const response = await fetch(head.url + path, { headers: { authorization: bearer(token) } });
  await response.body?.cancel();
  return response.status;
}

/** A worker that only listens, until the head is heard to say the new token or to close the connection. */
function listener(head: Head, token: () => string) {
  const told = Promise.withResolvers<string>();
  const welcomed = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<Error>();
  let welcomes = 0;
  const welcomedAgain = Promise.withResolvers<void>();
  const connection = new Connection<HeadToWorkerMessage>({
    headUrl: head.url,
    endpoint: "worker",
    token,
    decode: decodeHeadToWorkerFrame,
    hello: () => ({
      type: "WorkerHello",
      protocol: 1,
      workerId: "listener",
      pid: 1,
      capacity: { cpus: 1 },
      held: [],
      store: { type: "shared" },
    }),
    onMessage: (message) => {
      if (message.type === "Welcome") {
        if (++welcomes === 1) welcomed.resolve();
        else welcomedAgain.resolve();
      }
      if (message.type === "TokenRotated") told.resolve(message.token);
    },
    onLost: lost.resolve,
    patienceMs: 20_000,
  });
  return {
    welcomed: welcomed.promise,
    welcomedAgain: welcomedAgain.promise,
    told: told.promise,
    lost: lost.promise,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

Deno.test("a rotated token is kept before it is valid, opens the door, and the old one does for the grace", async () => {
  const { kept, tokenFiles } = keeper();
  let nowMs = 1_000_000;
  await withHead(async (head) => {
    const token = await rotateToken({ headUrl: head.url, token: TOKEN }, HOUR_MS);
    assertEquals(kept, [{ token, previous: { token: TOKEN, validUntilMs: 1_000_000 + HOUR_MS } }]);
    assertMatch(token, /^[\w-]{43}$/);
    assertEquals(await statusWith(head, token), 200);
    assertEquals(await statusWith(head, TOKEN), 200);
    nowMs += HOUR_MS;
    assertEquals(await statusWith(head, TOKEN), 401);
    assertEquals(await statusWith(head, token), 200);
  }, { tokenFiles, clock: { nowMs: () => nowMs } });
});

Deno.test("a token that was rotated away cannot rotate the token, though it is valid still", async () => {
  await withHead(async (head) => {
    await rotateToken({ headUrl: head.url, token: TOKEN }, HOUR_MS);
    const again = () => rotateToken({ headUrl: head.url, token: TOKEN }, HOUR_MS);
    await assertRejects(again, Error, "answered 403");
  }, { tokenFiles: keeper().tokenFiles });
});

Deno.test("workers are told the new token: those that are connected, and those that come with the old one", async () => {
  await withHead(async (head) => {
    await using connected = listener(head, () => TOKEN);
    await connected.welcomed;
    const token = await rotateToken({ headUrl: head.url, token: TOKEN }, HOUR_MS);
    assertEquals(await connected.told, token);
    await using late = listener(head, () => TOKEN);
    assertEquals(await late.told, token);
  }, { tokenFiles: keeper().tokenFiles });
});

Deno.test("without a grace, connections of the old token are closed: who has the new one is back, who has not is out", async () => {
  const { kept, tokenFiles } = keeper();
  await withHead(async (head) => {
    // One that reads the head's file, one that knows the old token alone.
    await using follower = listener(head, () => kept[0]?.token ?? TOKEN);
    await follower.welcomed;
    const stranger = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    await stranger.status();
    const pending = assertRejects(
      () => stranger.submit({ module: "file:///x.ts", exportName: "f" }, []).result,
    );
    const token = await rotateToken({ headUrl: head.url, token: TOKEN }, 0);
    assertEquals(await statusWith(head, TOKEN), 401);
    assertEquals(kept[0], { token, previous: undefined });
    await follower.welcomedAgain;
    assertMatch((await pending as Error).message, /refused the token/);
    await stranger[Symbol.asyncDispose]();
  }, { tokenFiles });
});

Deno.test("a follower of the log is cut off once its token is worth nothing", async () => {
  await withHead(async (head) => {
    const response = await fetch(`${head.url}/logs`, { headers: { authorization: bearer(TOKEN) } });
    assert(response.ok && response.body !== null);
    const reader = response.body.getReader();
    await reader.read();
    await rotateToken({ headUrl: head.url, token: TOKEN }, 0);
    while (!(await reader.read()).done);
  }, { tokenFiles: keeper().tokenFiles });
});

Deno.test("a head that was started again within the grace knows both tokens", async () => {
  const previous = { token: "the one before", validUntilMs: Date.now() + HOUR_MS };
  await withHead(async (head) => {
    assertEquals(await statusWith(head, "the one before"), 200);
    assertEquals(await statusWith(head, TOKEN), 200);
    assertEquals(await statusWith(head, "the one before that"), 401);
  }, { tokenFiles: keeper(previous).tokenFiles });
});

Deno.test("rotating ends the sessions of browsers, and the viewer's token", async () => {
  await withHead(async (head) => {
    const login = await fetch(`${head.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: TOKEN }),
    });
    await login.body?.cancel();
    const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0];
    const look = async () => {
      const response = await fetch(`${head.url}/api/v1/overview`, { headers: { cookie } });
      await response.body?.cancel();
      return response.status;
    };
    assertEquals(await look(), 200);
    await rotateToken({ headUrl: head.url, token: TOKEN }, HOUR_MS);
    assertEquals(await look(), 401);
  }, { tokenFiles: keeper().tokenFiles });
});

Deno.test("a head that keeps its token in no file does not rotate it, nor one that is asked strangely", async () => {
  await withHead(async (head) => {
    const rotate = () => rotateToken({ headUrl: head.url, token: TOKEN }, 0);
    await assertRejects(rotate, Error, "keeps it in no file");
    assertEquals(await statusWith(head, TOKEN), 200);
  });
  await withHead(async (head) => {
    for (const grace of ["-1", "x", "", "1e99"]) {
      const response = await fetch(`${head.url}/token?grace=${grace}`, {
        method: "POST",
        headers: { authorization: bearer(TOKEN) },
      });
      await response.body?.cancel();
      assertEquals(response.status, 400, grace);
    }
    assertEquals(await statusWith(head, TOKEN, "/token"), 405);
  }, { tokenFiles: keeper().tokenFiles });
});

Deno.test("the viewer's token opens the dashboard's views and nothing else", async () => {
  await withHead(async (head) => {
    const viewer = viewerToken(TOKEN);
    assertEquals(await statusWith(head, viewer, "/api/v1/overview"), 200);
    const doors = [
      "/metrics",
      "/history",
      "/logs?follow=0",
      "/worker",
      "/client",
      "/token",
      "/stop",
    ];
    for (const path of [...doors, "/drain?worker=w", `/objects/${"a".repeat(64)}`]) {
      assertEquals(await statusWith(head, viewer, path), 401, path);
    }
    const rotate = () => rotateToken({ headUrl: head.url, token: viewer }, 0);
    await assertRejects(rotate, Error, "refused the token");
  }, { tokenFiles: keeper().tokenFiles });
});

Deno.test("a head listens on loopback unless it is told otherwise", () =>
  withHead((head) => {
    assertEquals(new URL(head.url).hostname, "127.0.0.1");
    return Promise.resolve();
  }));
