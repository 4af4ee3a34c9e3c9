import { assertEquals, assertNotEquals } from "@std/assert";
import { type NodeOrders, reasonToEnd } from "../../../provision/bootstrap/node_warden.ts";
import { NEEDS_MACHINES } from "../test_machines.ts";

const TERMS = { expiresAtMs: 10_000, leaseMs: 1_000 };

Deno.test("reasonToEnd() ends a node that heard nothing for its lease, and one whose time is over", () => {
  const at = (nowMs: number, contactAtMs: number) => reasonToEnd(TERMS, { nowMs, contactAtMs });
  assertEquals(at(1_999, 1_000), undefined);
  assertEquals(at(2_000, 1_000), "nothing was heard of the head for 1 s");
  assertEquals(at(10_000, 10_000), "its time to live is over");
});

/** Starts a warden in a folder, with orders that nothing ends soon but for what is special. */
async function startWarden(
  dir: string,
  special: Partial<NodeOrders>,
): Promise<Deno.ChildProcess> {
  const orders: NodeOrders = {
    headUrl: "http://127.0.0.1:1",
    daemon: ["sleep", "60"],
    cwd: dir,
    env: {},
    onBegin: [],
    noticeUrl: null,
    tokenFile: `${dir}/token`,
    onEnd: [],
    expiresAtMs: Date.now() + 3_600_000,
    leaseMs: 600_000,
    metadataUrl: null,
    dir,
    lookMs: 20,
    ...special,
  };
  await Deno.writeTextFile(`${dir}/node.json`, JSON.stringify(orders));
  const warden = new URL("../../../provision/bootstrap/node_warden.ts", import.meta.url);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", "--no-lock", "-A", warden.href, `${dir}/node.json`],
    stderr: "inherit",
  }).spawn();
}

Deno.test("a lease that was renewed while the head is away ends, too", async () => {
  const dir = await Deno.makeTempDir();
  const warden = await startWarden(dir, { leaseMs: 500 });
  for await (const { paths } of Deno.watchFs(dir)) {
    if (paths.some((path) => path.endsWith("/contact"))) break;
  }
  await Deno.remove(`${dir}/contact`);
  assertEquals((await warden.status).code, 0);
  const reason = await Deno.readTextFile(`${dir}/ended`);
  assertEquals(reason.startsWith("nothing was heard of the head"), true, reason);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("the warden tells the head that the metadata say that the machine is taken back, until it is heard", async () => {
  const dir = await Deno.makeTempDir();
  const tokens: (string | null)[] = [];
  const told: (string | null)[] = [];
  await using metadata = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/healthz") return new Response("ok");
      if (pathname === "/drain") {
        told.push(request.headers.get("authorization"));
        if (told.length === 1) return new Response("not now", { status: 503 });
        setTimeout(() => warden.kill("SIGTERM"), 0);
        return new Response("ok");
      }
      if (pathname === "/latest/api/token") {
        return new Response(request.method === "PUT" ? "session" : null);
      }
      tokens.push(request.headers.get("x-aws-ec2-metadata-token"));
      return Response.json({ action: "terminate", time: "2026-11-24T08:22:00Z" });
    },
  );
  const url = `http://127.0.0.1:${metadata.addr.port}`;
  await Deno.writeTextFile(`${dir}/token`, "secret\n");
  const warden = await startWarden(dir, {
    headUrl: url,
    onBegin: ["touch", `${dir}/began`],
    noticeUrl: `${url}/drain?worker=w`,
    onEnd: ["touch", `${dir}/over`],
    metadataUrl: url,
  });
  assertEquals((await warden.status).code, 0);
  const names = [...Deno.readDirSync(dir)].map(({ name }) => name);
  assertEquals(["began", "over"].every((name) => names.includes(name)), true);
  assertEquals(await Deno.readTextFile(`${dir}/ended`), "it was told to\n");
  assertEquals(tokens, ["session", "session"]);
  assertEquals(told, ["Bearer secret", "Bearer secret"]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test({
  name: "a full disk ends neither the warden nor its node, which is heard of again afterwards",
  ...NEEDS_MACHINES,
  fn: async () => {
    const dir = await Deno.makeTempDir();
    const run = (program: string, ...args: string[]) =>
      assertEquals(new Deno.Command(program, { args }).outputSync().success, true);
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tradewind", dir);
    let looks = 0;
    let onLook = () => {};
    await using head = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      looks++;
      onLook();
      return new Response("ok");
    });
    const looksAgain = (times: number) =>
      new Promise<void>((resolve) => {
        const until = looks + times;
        onLook = () => looks >= until && resolve();
      });
    const warden = await startWarden(dir, {
      headUrl: `http://127.0.0.1:${head.addr.port}`,
      daemon: ["sh", "-c", "while sleep 0.01; do echo a line of the daemon; done"],
      lookMs: 5,
    });
    let isOver = false;
    warden.status.then(() => isOver = true);
    await looksAgain(2);
    const filler = await Deno.open(`${dir}/filler`, { write: true, create: true });
    try {
      for (;;) await filler.write(new Uint8Array(4_096));
    } catch {
      // It is full.
    }
    filler.close();
    await looksAgain(20);
    assertEquals(isOver, false);
    const before = await Deno.readTextFile(`${dir}/contact`);
    await Deno.remove(`${dir}/filler`);
    await looksAgain(20);
    assertNotEquals(await Deno.readTextFile(`${dir}/contact`), before);
    warden.kill("SIGTERM");
    assertEquals((await warden.status).code, 0);
    run("umount", dir);
    await Deno.remove(dir);
  },
});
