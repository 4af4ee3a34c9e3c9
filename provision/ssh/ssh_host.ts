import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import type { Client, ClientChannel } from "ssh2";
import { errorMessage } from "../../src/base/errors.ts";
import {
  type ExecOptions,
  type ExecResult,
  type Host,
  HostError,
  outputOf,
  shellQuote,
} from "./host.ts";
import { LineSplitter, Tail } from "./output.ts";

const DEFAULT_TIMEOUT_MS = 60_000;
/** An upload that moves nothing for so long is given up. */
const STALL_MS = 60_000;
const CHUNK_BYTES = 256 * 1024;

/** A {@linkcode Host} over an open SSH connection. */
export class SshHost implements Host {
  readonly name: string;
  readonly closed: Promise<string>;
  readonly #client: Client;
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();
  #targets = new Map<number, number>();
  #reason: string | undefined;

  /** Takes a client that has logged in. */
  constructor(name: string, client: Client) {
    this.name = name;
    this.#client = client;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    client.on("error", (error) => this.#reason ??= errorMessage(error));
    client.once("close", () => {
      this.#reason ??= "the machine closed the connection";
      for (const server of this.#servers) server.close();
      for (const socket of this.#sockets) socket.destroy();
      resolve(this.#reason);
    });
    client.on("tcp connection", ({ destPort }, accept, reject) => {
      const localPort = this.#targets.get(destPort);
      if (localPort === undefined) return reject();
      this.#join(accept(), connectTcp({ host: "127.0.0.1", port: localPort, noDelay: true }));
    });
  }

  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    const channel = await this.#openChannel(command);
    return await this.#collect(channel, command, options, () => {
      // A command that does not read must not keep us from its output.
      channel.end(options.stdin ?? "");
      return Promise.resolve();
    });
  }

  async upload(
    data: Uint8Array,
    path: string,
    { mode, signal, progress }: {
      readonly mode: number;
      readonly signal?: AbortSignal;
      readonly progress?: (sentBytes: number) => void;
    },
  ): Promise<void> {
    // Not by SFTP: minimal machines lack it, and it tells a full disk as "Failure".
    const command = `set -e; target=${shellQuote(path)}; mkdir -p "$(dirname "$target")"; ` +
      `trap 'rm -f "$target.part"' EXIT; cat > "$target.part"; ` +
      `chmod ${mode.toString(8)} "$target.part"; mv "$target.part" "$target"`;
    const channel = await this.#openChannel(command);
    const options = { signal, timeoutMs: Infinity };
    const result = await this.#collect(
      channel,
      command,
      options,
      () => this.#send(channel, data, path, progress),
    );
    outputOf(result, `write ${path}`, this.name);
  }

  async forwardIn(remotePort: number, localPort: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#client.forwardIn("127.0.0.1", remotePort, (error, port) => {
      if (error === undefined || error === null) return resolve(port);
      reject(
        new HostError(
          "failed",
          `Cannot open port ${remotePort} on ${this.name} for its way to the head: ${error.message}. ` +
            "It is taken there, or sshd_config says AllowTcpForwarding no",
        ),
      );
    });
    // The machine answers with the port only when it could choose it.
    const port = (await this.#orClosed(promise, "open a tunnel")) || remotePort;
    this.#targets.set(port, localPort);
    return port;
  }

  async forwardOut(remotePort: number): Promise<number> {
    const server = createServer((socket) => {
      this.#client.forwardOut("127.0.0.1", 0, "127.0.0.1", remotePort, (error, channel) => {
        if (error) socket.destroy();
        else this.#join(channel, socket);
      });
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    this.#servers.add(server);
    return (server.address() as { port: number }).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reason ??= "it was closed here";
    this.#client.end();
    // A machine that is away does not answer: what it would say is not waited for.
    const timer = setTimeout(() => this.#client.destroy(), 2_000);
    await this.closed;
    clearTimeout(timer);
  }

  async #openChannel(command: string): Promise<ClientChannel> {
    const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
    if (this.#reason !== undefined) throw this.#lost("run a command");
    this.#client.exec(`exec sh -c ${shellQuote(command)}`, (error, channel) => {
      if (error) {
        const reason = `Cannot run a command on ${this.name}: ${error.message}`;
        reject(new HostError("no_shell", reason, { cause: error }));
      } else resolve(channel);
    });
    return await this.#orClosed(promise, "run a command");
  }

  /** Feeds a command by `feed`, and waits for its end. */
  async #collect(
    channel: ClientChannel,
    command: string,
    { signal, timeoutMs = DEFAULT_TIMEOUT_MS, onLine = () => {} }: ExecOptions,
    feed: () => Promise<void>,
  ): Promise<ExecResult> {
    const stdout = new Tail();
    const stderr = new Tail();
    const lines = new LineSplitter(onLine);
    const errorLines = new LineSplitter(onLine);
    channel.on("data", (chunk: Uint8Array) => (stdout.push(chunk), lines.push(chunk)));
    channel.stderr.on("data", (chunk: Uint8Array) => (stderr.push(chunk), errorLines.push(chunk)));
    const { promise, resolve, reject } = Promise.withResolvers<ExecResult>();
    channel.on("error", () => {});
    // It says how the command ended, as "exit" does; but that may come with the answer to our request, before anybody
    // listens.
    channel.on("close", (code?: number | null, name?: string) => {
      lines.end();
      errorLines.end();
      resolve({
        code: code ?? undefined,
        signal: name,
        stdout: stdout.text(),
        stderr: stderr.text(),
      });
    });
    const abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const timer = timeoutMs === Infinity ? undefined : setTimeout(() => {
      const shown = command.length > 80 ? `${command.slice(0, 80)}…` : command;
      const reason = `Cannot wait for \`${shown}\` on ${this.name}: not done after ${
        timeoutMs / 1000
      } s`;
      reject(new HostError("slow", reason));
    }, timeoutMs);
    try {
      signal?.throwIfAborted();
      const fed = feed();
      // Once the command has ended, what it did not read is of no interest; its exit code says why.
      return await this.#orClosed(
        Promise.race([promise, fed.then(() => promise)]),
        "wait for a command",
      );
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      channel.destroy();
    }
  }

  async #send(
    channel: ClientChannel,
    data: Uint8Array,
    path: string,
    progress: (sentBytes: number) => void = () => {},
  ): Promise<void> {
    for (let sent = 0; sent < data.length;) {
      const chunk = data.subarray(sent, sent + CHUNK_BYTES);
      const isTaken = channel.write(chunk);
      sent += chunk.length;
      if (!isTaken) await this.#drained(channel, path, sent);
      if (channel.destroyed) return;
      progress(sent);
    }
    channel.end();
  }

  async #drained(channel: ClientChannel, path: string, sent: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      const megabytes = (sent / 1e6).toFixed(1);
      const reason = `Cannot write ${path} on ${this.name}: nothing moved for ${
        STALL_MS / 1000
      } s, after ${megabytes} MB`;
      reject(new HostError("slow", reason));
    }, STALL_MS);
    channel.once("drain", resolve);
    channel.once("close", resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      channel.off("drain", resolve);
      channel.off("close", resolve);
    }
  }

  /** What a promise gives, unless the connection ends first. */
  async #orClosed<T>(promise: Promise<T>, what: string): Promise<T> {
    const lost = this.closed.then(() => {
      throw this.#lost(what);
    });
    lost.catch(() => {});
    return await Promise.race([promise, lost]);
  }

  #lost(what: string): HostError {
    return new HostError("lost", `Cannot ${what} on ${this.name}: ${this.#reason}`);
  }

  #join(channel: ClientChannel, socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const end = () => {
      this.#sockets.delete(socket);
      socket.destroy();
      channel.destroy();
    };
    socket.on("error", end);
    socket.on("close", end);
    channel.on("error", end);
    channel.on("close", end);
    channel.pipe(socket);
    socket.pipe(channel);
  }
}
