import { assertEquals } from "@std/assert";
import { knownHostKeys, newKeyPair } from "../../../provision/ssh/host_keys.ts";
import { sshConfigFor } from "../../../provision/ssh/ssh_config.ts";
import { LineSplitter, Tail } from "../../../provision/ssh/output.ts";

const CONFIG = `
User everyone
# Host box1
Host box* !box9
  HostName %h.example.org
  Port = 2222
  IdentityFile "~/.ssh/box key"
Host box1
  Port 9
  User late
`;

Deno.test("sshConfigFor() takes the first value of each option that applies, as OpenSSH does", () => {
  assertEquals(sshConfigFor(CONFIG, "box1"), {
    hostName: "box1.example.org",
    port: 2222,
    user: "everyone",
    identityFiles: ["~/.ssh/box key"],
  });
  assertEquals(sshConfigFor(CONFIG, "box9"), {
    hostName: undefined,
    port: undefined,
    user: "everyone",
    identityFiles: [],
  });
});

Deno.test("knownHostKeys() understands lists, patterns, ports and hashed names, and leaves out revoked keys", () => {
  const text = [
    "box1,10.0.0.5 ssh-ed25519 AAAA1",
    "*.example.org,!bad.example.org ssh-rsa AAAA2 comment",
    "[box1]:2222 ssh-ed25519 AAAA3",
    "@revoked box1 ssh-ed25519 AAAA4",
    // printf box7 | openssl dgst -sha1 -mac HMAC -macopt hexkey:736f6d652073616c742c2032302062797465
    "|1|c29tZSBzYWx0LCAyMCBieXRl|U22a0xvQjdlJLeqGtvWP2yXWL/s= ssh-ed25519 AAAA5",
  ].join("\n");
  assertEquals(knownHostKeys(text, "box1", 22), ["ssh-ed25519 AAAA1"]);
  assertEquals(knownHostKeys(text, "10.0.0.5", 22), ["ssh-ed25519 AAAA1"]);
  assertEquals(knownHostKeys(text, "a.example.org", 22), ["ssh-rsa AAAA2"]);
  assertEquals(knownHostKeys(text, "bad.example.org", 22), []);
  assertEquals(knownHostKeys(text, "box1", 2222), ["ssh-ed25519 AAAA3"]);
  assertEquals(knownHostKeys(text, "box7", 22), ["ssh-ed25519 AAAA5"]);
});

Deno.test("newKeyPair() makes keys that OpenSSH reads", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const { publicKey, privateKey } = newKeyPair("comment");
    await Deno.writeTextFile(`${dir}/key`, privateKey, { mode: 0o600 });
    const { stdout } = await new Deno.Command("ssh-keygen", { args: ["-y", "-f", `${dir}/key`] })
      .output();
    const shown = new TextDecoder().decode(stdout).split(" ").slice(0, 2);
    assertEquals(shown, publicKey.split(" ").slice(0, 2));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("LineSplitter joins what was cut, also in the middle of a character", () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  const bytes = new TextEncoder().encode("one\r\ntwö\nthree");
  for (const byte of bytes) splitter.push(Uint8Array.of(byte));
  splitter.end();
  assertEquals(lines, ["one", "twö", "three"]);
});

Deno.test("Tail keeps the last 64 KiB", () => {
  const tail = new Tail();
  for (let k = 0; k < 100; k++) tail.push(new Uint8Array(1_000).fill(97 + k % 26));
  const text = tail.text();
  assertEquals([text.length, text.at(-1)], [65_536, String.fromCharCode(97 + 99 % 26)]);
});
