import { newKeyPair, type SshKeyPair } from "../../provision/ssh/host_keys.ts";
import type { SshTarget } from "../../provision/ssh/connect_ssh.ts";

/** Whether this machine can be divided into others: network namespaces and an SSH server need root and Linux. */
const canMakeMachines = Deno.build.os === "linux" && Deno.uid() === 0 &&
  succeeds("ip", "netns", "list") && succeeds("test", "-x", "/usr/sbin/sshd");

/** Options of a test that needs machines: skipped where none can be made. */
export const NEEDS_MACHINES = { ignore: !canMakeMachines } as const;

/** How a test machine differs. */
export interface MachineOptions {
  /** Default: keys alone. */
  readonly login?: "keys" | "passwords";
  /** Its host key and the key that it lets in; default: new ones. */
  readonly hostKey?: SshKeyPair;
  /** The line of a public key that may log in; default: that of `userKey`. */
  readonly authorizedKey?: string;
  /** A folder with the packages that Deno has cached, which it shares: it has no way to the internet. */
  readonly packages?: string;
  /** Whether it has a metadata service, as a machine of EC2 has. */
  readonly metadata?: boolean;
  /** Whether it has nothing but what every machine has: no zstd. */
  readonly isMinimal?: boolean;
  /** Its disk at `/var/lib/tradewind`, in MiB; default: a folder of this machine's disk. */
  readonly diskMib?: number;
}

/** What this machine's systemd starts would run outside of the test's machine. */
const HIDE_SYSTEMD = "if [ -d /run/systemd ]; then mount -t tmpfs none /run/systemd; fi";

const HIDE_ZSTD = "if [ -e /usr/bin/zstd ]; then mount --bind /dev/null /usr/bin/zstd; fi";

/** A machine of its own network: a namespace, a pair of links, and a real OpenSSH server in it. Its
 * `/var/lib/tradewind`, `/etc/ssh` and its home are its own; all other files are this machine's. Nothing but its one link leads out of it. */
export class TestMachine implements AsyncDisposable {
  readonly address: string;
  readonly hostKey: SshKeyPair;
  readonly userKey: SshKeyPair;
  readonly dir: string;
  readonly #slot: number;
  readonly #namespace: string;
  readonly #options: MachineOptions;
  #server: Deno.ChildProcess | undefined;
  #metadata: Deno.ChildProcess | undefined;

  private constructor(slot: number, options: MachineOptions) {
    this.address = `10.231.${slot}.2`;
    this.#slot = slot;
    this.#namespace = `twtest${slot}`;
    this.#options = options;
    this.hostKey = options.hostKey ?? newKeyPair("host");
    this.userKey = newKeyPair("user");
    this.dir = Deno.makeTempDirSync({ prefix: "tradewind-machine-" });
  }

  /** Makes one and waits until its server listens. */
  static async start(options: MachineOptions = {}): Promise<TestMachine> {
    let failures = 0;
    for (let slot = Deno.pid % 100; slot < 250; slot++) {
      if (!connectNetwork(slot)) continue;
      const machine = new TestMachine(slot, options);
      try {
        await machine.startServer();
        if (options.metadata === true) machine.#startMetadata();
        return machine;
      } catch (error) {
        // The kernel takes networks down in its own time: one that had this name just before may still be in the way.
        await machine[Symbol.asyncDispose]();
        if (++failures === 5) throw error;
      }
    }
    throw new Error("Cannot make a test machine: no free slot");
  }

  get target(): SshTarget {
    return {
      name: "box1",
      hostname: this.address,
      port: 22,
      user: "root",
      privateKeys: [this.userKey.privateKey],
      hostKeys: [this.hostKey.publicKey],
    };
  }

  /** Starts its SSH server. */
  async startServer(): Promise<void> {
    const { dir } = this;
    Deno.mkdirSync(`${dir}/ssh`, { recursive: true });
    if (!isThere(`${dir}/ssh/ssh_host_ed25519_key`)) {
      const key = this.hostKey.privateKey;
      Deno.writeTextFileSync(`${dir}/ssh/ssh_host_ed25519_key`, key, { mode: 0o600 });
    }
    Deno.writeTextFileSync(
      `${dir}/authorized_keys`,
      this.#options.authorizedKey ?? this.userKey.publicKey,
      { mode: 0o600 },
    );
    const { packages } = this.#options;
    const variables = packages === undefined ? "" : ` DENO_DIR=${dir}/packages`;
    Deno.mkdirSync(`${dir}/packages`, { recursive: true });
    Deno.mkdirSync(`${dir}/home`, { recursive: true });
    this.#stub("shutdown");
    this.#stub("systemctl");
    Deno.mkdirSync("/run/sshd", { recursive: true });
    Deno.mkdirSync("/var/lib/tradewind", { recursive: true });
    const passwords = this.#options.login === "passwords";
    Deno.writeTextFileSync(
      `${dir}/sshd_config`,
      [
        `ListenAddress ${this.address}`,
        "HostKey /etc/ssh/ssh_host_ed25519_key",
        `AuthorizedKeysFile ${dir}/authorized_keys`,
        `SetEnv PATH=${dir}/stubs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${variables}`,
        `PidFile ${dir}/sshd.pid`,
        "UsePAM no",
        "StrictModes no",
        `PermitRootLogin ${passwords ? "yes" : "prohibit-password"}`,
        `PasswordAuthentication ${passwords ? "yes" : "no"}`,
        `PubkeyAuthentication ${passwords ? "no" : "yes"}`,
        "KbdInteractiveAuthentication no",
        "",
      ].join("\n"),
    );
    this.#makeDisk();
    const mount = `mount --bind ${dir}/disk /var/lib/tradewind`;
    // Before its own home hides this machine's.
    const share = packages === undefined ? "" : `mount --bind ${packages} ${dir}/packages && `;
    this.#spawnServer(share, mount);
    await this.#listens();
  }

  /** Its disk outlives its processes. */
  #makeDisk(): void {
    const disk = `${this.dir}/disk`;
    if (isThere(disk)) return;
    Deno.mkdirSync(disk);
    const { diskMib } = this.#options;
    if (diskMib === undefined) return;
    assertDone("mount", "-t", "tmpfs", "-o", `size=${diskMib}m`, "tradewind", disk);
  }

  #spawnServer(share: string, mount: string): void {
    const { dir } = this;
    const hide = this.#options.isMinimal === true ? HIDE_ZSTD : "true";
    this.#server = new Deno.Command("ip", {
      args: [
        ...["netns", "exec", this.#namespace, "unshare", "--mount", "sh", "-c"],
        `${share}mount --bind ${dir}/home /root && mount --bind ${dir}/ssh /etc/ssh && ${HIDE_SYSTEMD} && ${hide} && ${mount} && exec /usr/sbin/sshd -D -e -f ${dir}/sshd_config`,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Its metadata service, at the address that EC2's has. */
  #startMetadata(): void {
    assertDone("ip", "-n", this.#namespace, "addr", "add", "169.254.169.254/32", "dev", "lo");
    const service = new URL("./test_metadata.ts", import.meta.url).pathname;
    const run = [Deno.execPath(), "run", "--no-config", "-A", service, this.dir];
    this.#metadata = new Deno.Command("ip", {
      args: ["netns", "exec", this.#namespace, ...run],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Lets its metadata say that it will be taken back. */
  giveNotice(): void {
    Deno.writeTextFileSync(`${this.dir}/instance-action`, '{"action": "terminate"}');
  }

  /** Lets its metadata give the credentials of a role. */
  giveRole(accessKey: string): void {
    Deno.writeTextFileSync(`${this.dir}/role-key`, accessKey);
  }

  /** What was asked of its `shutdown` and `systemctl`, which do nothing else: this machine shall live. */
  askedOf(program: "shutdown" | "systemctl"): string[] {
    try {
      return Deno.readTextFileSync(`${this.dir}/${program}.asked`).trim().split("\n");
    } catch {
      return [];
    }
  }

  #stub(program: "shutdown" | "systemctl"): void {
    const script = `#!/bin/sh\necho "$@" >> ${this.dir}/${program}.asked\n` +
      `case "$*" in *ssh) kill -HUP "$(cat ${this.dir}/sshd.pid)";; esac\n`;
    Deno.mkdirSync(`${this.dir}/stubs`, { recursive: true });
    Deno.writeTextFileSync(`${this.dir}/stubs/${program}`, script, { mode: 0o755 });
  }

  /** The bytes of the public host key that it has now, in base64. */
  currentHostKey(): string {
    const line = outputOf("ssh-keygen", "-y", "-f", `${this.dir}/ssh/ssh_host_ed25519_key`);
    return line.split(" ")[1].trim();
  }

  /** Gives it back the host key with which it started: as one who has stolen that has a machine. */
  useFirstHostKey(): void {
    const path = `${this.dir}/ssh/ssh_host_ed25519_key`;
    Deno.writeTextFileSync(path, this.hostKey.privateKey, { mode: 0o600 });
    succeeds("kill", "-HUP", Deno.readTextFileSync(`${this.dir}/sshd.pid`).trim());
  }

  /** Takes its link down: it goes on, but nobody hears of it. */
  cutOff(): void {
    assertDone("ip", "link", "set", `tw${this.#slot}a`, "down");
  }

  /** Brings its link up again. */
  reconnect(): void {
    assertDone("ip", "link", "set", `tw${this.#slot}a`, "up");
  }

  /** Lets little through its link: with delays and losses, or where the kernel knows none, by its rate alone.
   * @returns false where the kernel can do neither */
  slowDown(): boolean {
    const shape = ["qdisc", "replace", "dev", `tw${this.#slot}a`, "root"];
    return succeeds("tc", ...shape, "netem", "delay", "60ms", "20ms", "loss", "2%") ||
      succeeds("tc", ...shape, "tbf", "rate", "4mbit", "burst", "32kbit", "latency", "400ms");
  }

  /** Its link is as it was before {@linkcode slowDown}. */
  speedUp(): void {
    assertDone("tc", "qdisc", "del", "dev", `tw${this.#slot}a`, "root");
  }

  /** Its processes, those of its SSH server included. */
  allProcesses(): { readonly pid: number; readonly command: string }[] {
    const pids = outputOf("ip", "netns", "pids", this.#namespace).split("\n").filter(Boolean);
    return pids.map((pid) => ({
      pid: Number(pid),
      command: outputOf("ps", "-o", "args=", "-p", pid).trim(),
    })).filter(({ command }) => command !== "");
  }

  /** The commands of its processes, without its SSH server and what that runs for sessions. */
  processes(): string[] {
    return this.allProcesses().map(({ command }) => command)
      .filter((command) => !command.includes("sshd"));
  }

  /** The ports on which something listens in it, that of its SSH server left out. */
  listeningPorts(): number[] {
    const table = outputOf("ip", "netns", "exec", this.#namespace, "cat", "/proc/net/tcp");
    return table.split("\n").slice(1).flatMap((line) => {
      const [, local, , state] = line.trim().split(/\s+/);
      const port = parseInt(local?.split(":")[1] ?? "", 16);
      return state === "0A" && port !== 22 ? [port] : [];
    });
  }

  /** Ends its SSH server and every session. */
  async stopServer(): Promise<void> {
    for (const pid of outputOf("ip", "netns", "pids", this.#namespace).split("\n")) {
      if (pid !== "") succeeds("kill", "-9", pid);
    }
    await this.#server?.status;
    await this.#metadata?.status;
    this.#metadata = undefined;
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServer();
    succeeds("ip", "netns", "del", this.#namespace);
    if (this.#options.diskMib !== undefined) succeeds("umount", `${this.dir}/disk`);
    await Deno.remove(this.dir, { recursive: true });
  }

  async #listens(): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline) {
      try {
        (await Deno.connect({ hostname: this.address, port: 22 })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    throw new Error(`Cannot use the test machine ${this.address}: its SSH server does not listen`);
  }
}

/** An address of this machine, on which a server can be reached from here and from all test machines, while it is used. */
export function sharedAddress(): Disposable & { readonly address: string } {
  const address = "10.231.255.1";
  const change = (what: "add" | "del") =>
    succeeds("ip", "addr", what, `${address}/32`, "dev", "lo");
  change("add");
  return { address, [Symbol.dispose]: () => void change("del") };
}

/** Makes a namespace and its link; false when another test has the slot, or its link is still being taken down. */
function connectNetwork(slot: number): boolean {
  const namespace = `twtest${slot}`;
  if (!succeeds("ip", "netns", "add", namespace)) return false;
  const isConnected = [
    `ip link add tw${slot}a type veth peer name tw${slot}b netns ${namespace}`,
    `ip addr add 10.231.${slot}.1/30 dev tw${slot}a`,
    `ip link set tw${slot}a up`,
    `ip -n ${namespace} addr add 10.231.${slot}.2/30 dev tw${slot}b`,
    `ip -n ${namespace} link set tw${slot}b up`,
    `ip -n ${namespace} link set lo up`,
    // To other machines, where this one hands packets on.
    `ip -n ${namespace} route add 10.231.0.0/16 via 10.231.${slot}.1`,
    `sysctl -qw net.ipv4.conf.tw${slot}a.forwarding=1`,
  ].every((command) => {
    const [program, ...args] = command.split(" ");
    return succeeds(program, ...args);
  });
  if (!isConnected) succeeds("ip", "netns", "del", namespace);
  return isConnected;
}

function isThere(path: string): boolean {
  return succeeds("test", "-e", path);
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

function assertDone(program: string, ...args: readonly string[]): void {
  if (!succeeds(program, ...args)) throw new Error(`Cannot do ${program} ${args.join(" ")}`);
}

function outputOf(program: string, ...args: readonly string[]): string {
  const { stdout } = new Deno.Command(program, { args: [...args], stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout);
}

/** Where Deno has the packages of this machine: for {@linkcode MachineOptions.packages}. */
export async function packageCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
