import { gzipSync, zstdCompressSync } from "node:zlib";
import type { NodePlace, NodeProgram } from "../../provision/bootstrap/node_program.ts";
import { sha256Hex } from "../../src/base/hash.ts";

const DAEMON = `
const [headUrl, nodeId, tokenFile] = Deno.args;
const token = Deno.readTextFileSync(tokenFile);
console.log("daemon of " + nodeId + " begins");
while (true) {
  try {
    const body = JSON.stringify({ nodeId, token, pid: Deno.pid, env: Deno.env.get("TV_GREETING") });
    const response = await fetch(headUrl + "/register", { method: "POST", body });
    if (await response.text() === "end") break;
  } catch { /* the head is away */ }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
`;

/** A daemon that is there is heard far more often, also on a busy machine. */
const HEARD_MS = 2_000;

/** What a daemon says of itself. */
interface Registration {
  readonly nodeId: string;
  readonly token: string;
  readonly pid: number;
  readonly env: string;
}

/** A head that knows which daemons call it, and a daemon that calls it: enough to provision nodes. */
export class FakeHead implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #registered = new Map<string, { atMs: number; registration: Registration }>();
  readonly draining = new Set<string>();
  readonly #archive: NodeProgram["archive"];

  private constructor(archive: Uint8Array, port: number) {
    this.#archive = { bytes: archive, hash: sha256Hex(archive) };
    const options = { hostname: "127.0.0.1", port, onListen() {} };
    this.#server = Deno.serve(options, async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/healthz") return new Response("ok");
      const registration = await request.json() as Registration;
      this.#registered.set(registration.nodeId, { atMs: performance.now(), registration });
      return new Response(this.draining.has(registration.nodeId) ? "end" : "stay");
    });
  }

  static async start(port = 0): Promise<FakeHead> {
    const dir = await Deno.makeTempDir();
    await Deno.writeTextFile(`${dir}/daemon.ts`, DAEMON);
    const { stdout } = await new Deno.Command("tar", { args: ["-cf", "-", "-C", dir, "daemon.ts"] })
      .output();
    await Deno.remove(dir, { recursive: true });
    return new FakeHead(stdout, port);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** What those daemons said of whom was heard just now. */
  registrations(): Registration[] {
    return [...this.#registered.values()].filter(({ atMs }) => performance.now() - atMs < HEARD_MS)
      .map(({ registration }) => registration);
  }

  workers = (): Promise<ReadonlyMap<string, { readonly draining: boolean }>> =>
    Promise.resolve(
      new Map(this.registrations().map(({ nodeId }) => [nodeId, { draining: false }])),
    );

  drainWorker = (nodeId: string): Promise<void> => {
    this.draining.add(nodeId);
    return Promise.resolve();
  };

  /** The daemon; its Deno is a script that calls the one that runs the tests. */
  program(): NodeProgram {
    const script = `#!/bin/sh\nexec '${Deno.execPath()}' "$@"\n`;
    return {
      archive: this.#archive,
      denoVersion: Deno.version.deno,
      denoBinary: (_, packing) => {
        const pack = packing === "zstd" ? zstdCompressSync : gzipSync;
        return Promise.resolve(new Uint8Array(pack(script)));
      },
      prepare: ({ deno }: NodePlace) => [[deno, "cache", "--no-config", "daemon.ts"]],
      packages: {
        canFetch: () => ["true"],
        archive: () => Promise.reject(new Error("it needs none")),
        unpack: () => ["false"],
      },
      daemon: ({ deno, headUrl, nodeId, tokenFile }: NodePlace) => [
        ...[deno, "run", "--no-config", "--allow-net", "--allow-read", "--allow-env", "daemon.ts"],
        ...[headUrl, nodeId, tokenFile],
      ],
      noticeUrl: () => null,
      token: "secret",
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
