import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connectSsh } from "../../../provision/ssh/connect_ssh.ts";
import { execOk, HostError } from "../../../provision/ssh/host.ts";
import { fingerprintOf, keyBytesOf, newKeyPair } from "../../../provision/ssh/host_keys.ts";
import { NEEDS_MACHINES, TestMachine } from "../test_machines.ts";

async function refusalOf(promise: Promise<unknown>): Promise<HostError> {
  return await assertRejects(() => promise, HostError);
}

Deno.test("newKeyPair() makes whole keys, each time", () => {
  const pairs = Array.from({ length: 1_000 }, () => newKeyPair("k"));
  // Of one kind and comment, all are of one size; one in 256 lacked a byte, and a machine took no login by it.
  assertEquals(new Set(pairs.map(({ publicKey }) => publicKey.length)).size, 1);
  assertEquals(new Set(pairs.map(({ privateKey }) => privateKey.length)).size, 1);
});

Deno.test(
  "connectSsh() runs commands, tells exit codes and streams their lines",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start();
    await using host = await connectSsh(machine.target);
    const lines: string[] = [];
    const result = await host.exec("echo one; echo two >&2; cat; exit 3", {
      stdin: "three",
      onLine: (line) => lines.push(line),
    });
    assertEquals(result, { code: 3, signal: undefined, stdout: "one\nthree", stderr: "two\n" });
    assertEquals(lines.sort(), ["one", "three", "two"]);
    const error = await refusalOf(execOk(host, "look", "echo bad >&2; exit 9"));
    assertEquals(error.message, "Cannot look on box1: exit code 9: bad");
  },
);

Deno.test(
  "connectSsh() to a machine with another key sends it nothing and shows its fingerprint",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start();
    const hostKeys = [newKeyPair("other").publicKey];
    const error = await refusalOf(connectSsh({ ...machine.target, hostKeys }));
    assertEquals([error.kind, error.isPassing], ["wrong_host_key", false]);
    assertStringIncludes(error.message, fingerprintOf(keyBytesOf(machine.hostKey.publicKey)));
    const unknown = await refusalOf(connectSsh({ ...machine.target, hostKeys: [] }));
    assertEquals(unknown.kind, "unknown_host_key");
  },
);

Deno.test(
  "connectSsh() names the host and the reason: keys not accepted, passwords only, nobody listens",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start();
    const privateKeys = [newKeyPair("stranger").privateKey];
    const stranger = await refusalOf(connectSsh({ ...machine.target, privateKeys }));
    assertEquals(
      stranger.message,
      `Cannot connect to box1: ${machine.address}:22 accepts none of the 1 keys for root`,
    );
    const port = 23;
    const refused = await refusalOf(connectSsh({ ...machine.target, port }));
    assertEquals(
      refused.message,
      `Cannot connect to box1: nothing listens at ${machine.address}:23`,
    );
    assert(refused.isPassing);
    await using old = await TestMachine.start({ login: "passwords" });
    const passwords = await refusalOf(connectSsh(old.target));
    assertEquals(passwords.kind, "password_only");
    assertStringIncludes(passwords.message, "accepts password alone");
  },
);

Deno.test(
  "SshHost uploads files whole, and says when the disk is full",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start({ diskMib: 1 });
    await using host = await connectSsh(machine.target);
    const data = crypto.getRandomValues(new Uint8Array(60_000));
    const sent: number[] = [];
    await host.upload(data, "/var/lib/tradewind/a folder/it's", {
      mode: 0o750,
      progress: (bytes) => sent.push(bytes),
    });
    const shown = await execOk(
      host,
      "look",
      `cd '/var/lib/tradewind/a folder'; stat -c %a *; sha256sum < "it's"`,
    );
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    assertEquals(shown.trim().split(/\s+/).slice(0, 2), ["750", digest.toHex()]);
    assertEquals(sent.at(-1), data.length);
    const error = await refusalOf(
      host.upload(new Uint8Array(2 ** 21), "/var/lib/tradewind/big", { mode: 0o600 }),
    );
    assertEquals(error.kind, "disk_full");
    assertStringIncludes(error.message, "Cannot write /var/lib/tradewind/big on box1");
    assertEquals(await execOk(host, "look", "ls /var/lib/tradewind"), "a folder\n");
  },
);

Deno.test(
  "SshHost joins ports in both directions, through which alone the machine can reach us",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start();
    await using host = await connectSsh(machine.target);
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => new Response(`hello ${new URL(request.url).pathname}`),
    );
    const there = await host.forwardIn(0, server.addr.port);
    const deno = `${Deno.execPath()} eval --no-config`;
    const script = `console.log(await (await fetch('http://127.0.0.1:${there}/node')).text())`;
    assertEquals(await execOk(host, "fetch", `${deno} "${script}"`), "hello /node\n");
    const here = await host.forwardOut(there);
    const response = await fetch(`http://127.0.0.1:${here}/back`);
    assertEquals(await response.text(), "hello /back");
    const taken = await refusalOf(host.forwardIn(there, server.addr.port));
    assertStringIncludes(taken.message, `Cannot open port ${there} on box1`);
  },
);

Deno.test("SshHost says that its machine is lost, to whoever waits", NEEDS_MACHINES, async () => {
  await using machine = await TestMachine.start();
  await using host = await connectSsh(machine.target);
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const waiting = refusalOf(host.exec("echo begun; sleep 60", { onLine: () => resolve() }));
  await begun;
  await machine.stopServer();
  assertEquals((await waiting).kind, "lost");
  await host.closed;
  assertEquals((await refusalOf(host.exec("true"))).kind, "lost");
});

Deno.test(
  "SshHost gives up a command that takes too long, and one whose caller does not want it any more",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start();
    await using host = await connectSsh(machine.target);
    const slow = await refusalOf(host.exec("sleep 60", { timeoutMs: 50 }));
    assertEquals(slow.message, "Cannot wait for `sleep 60` on box1: not done after 0.05 s");
    const controller = new AbortController();
    const waiting = assertRejects(
      () => host.exec("sleep 60", { signal: controller.signal }),
      Error,
      "enough",
    );
    controller.abort(new Error("enough"));
    await waiting;
  },
);
