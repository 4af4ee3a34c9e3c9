import { delay } from "@std/async/delay";
import { errorMessage } from "../src/base/errors.ts";
import { bootstrap } from "./bootstrap/bootstrap.ts";
import type { NodeProgram } from "./bootstrap/node_program.ts";
import type { NodeRecord } from "./planning/state.ts";
import type { ConnectTarget, Provider } from "./providers/provider.ts";
import type { NodeCrew } from "./reconcile.ts";
import { execOk, type Host, HostError, shellQuote } from "./ssh/host.ts";
import { noteSessionCommand } from "./ssh/noted_session.ts";

/** What a crew works with. */
export interface CrewOptions {
  readonly provider: Provider;
  readonly program: NodeProgram;
  /** The port of the head on this machine's loopback. */
  readonly headPort: number;
  /** The port by which nodes reach it on their own loopback. */
  readonly tunnelPort: number;
  readonly env: Readonly<Record<string, string>>;
  readonly setup: readonly string[];
  readonly ttlMs: number;
  readonly leaseMs: number;
  /** See `BootstrapOptions`. */
  readonly lookMs?: number;
  /** Registered workers by node id; undefined when the head cannot be asked. */
  readonly workers: NodeCrew["workers"];
  /** Asks the head to drain a worker. */
  readonly drainWorker: (nodeId: string) => Promise<void>;
  /** Told what people should know about a connection. */
  readonly onNotice: (nodeId: string, message: string) => void;
}

const RECONNECT_MS = { first: 500, most: 15_000 } as const;

/** The {@linkcode NodeCrew} for machines with a shell: keeps a connection to each node, and through it the node's way to
 * the head, which is made again when it breaks. */
export class ShellCrew implements NodeCrew, AsyncDisposable {
  readonly #options: CrewOptions;
  readonly #links = new Map<string, NodeLink>();

  /** Connects to nothing yet. */
  constructor(options: CrewOptions) {
    this.#options = options;
  }

  workers(): ReturnType<NodeCrew["workers"]> {
    return this.#options.workers();
  }

  hold(nodes: readonly Readonly<NodeRecord>[]): void {
    for (const node of nodes) this.#linkOf(node);
  }

  async bringUp(
    node: Readonly<NodeRecord>,
    { onShell, note, signal }: Parameters<NodeCrew["bringUp"]>[1],
  ): Promise<void> {
    const { provider, program, env, setup, ttlMs, leaseMs, lookMs } = this.#options;
    const link = this.#linkOf(node);
    const { host, port } = await link.open(signal);
    onShell();
    await provider.settleHostKey(targetOf(node), host, signal);
    const layout = await provider.layout(targetOf(node), host);
    await bootstrap(host, {
      nodeId: node.nodeId,
      program,
      headUrl: `http://127.0.0.1:${port}`,
      ...layout,
      env,
      setup,
      expiresAtMs: (node.launchedAtMs ?? node.sinceMs) + ttlMs,
      leaseMs,
      lookMs,
      note,
      signal,
    });
  }

  async drain({ nodeId }: Readonly<NodeRecord>): Promise<void> {
    await this.#options.drainWorker(nodeId);
  }

  release(nodeId: string): void {
    this.#links.get(nodeId)?.close();
    this.#links.delete(nodeId);
  }

  /** Closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const links = [...this.#links.values()];
    this.#links.clear();
    await Promise.all(links.map((link) => link.close()));
  }

  #linkOf(node: Readonly<NodeRecord>): NodeLink {
    const known = this.#links.get(node.nodeId);
    if (known !== undefined) return known;
    const link = new NodeLink(targetOf(node), this.#options);
    this.#links.set(node.nodeId, link);
    return link;
  }
}

function targetOf({ nodeId, machineId, launchId, address }: Readonly<NodeRecord>): ConnectTarget {
  if (machineId === undefined || address === undefined) {
    throw new Error(`Cannot connect to ${nodeId}: it has no machine or no address`);
  }
  return { nodeId, machineId, launchId, address };
}

interface OpenLink {
  readonly host: Host;
  /** By which the node reaches the head. */
  readonly port: number;
}

/** The connection to one node, made again until it is closed. */
class NodeLink {
  readonly #target: ConnectTarget;
  readonly #options: CrewOptions;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #current = Promise.withResolvers<OpenLink>();

  constructor(target: ConnectTarget, options: CrewOptions) {
    this.#target = target;
    this.#options = options;
    this.#current.promise.catch(() => {});
    this.#done = this.#keep();
  }

  /** The open connection; the error of the last try when that cannot pass by itself.
   * @throws {HostError} */
  async open(signal: AbortSignal): Promise<OpenLink> {
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      signal.throwIfAborted();
      return await Promise.race([this.#current.promise, promise]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the node is let go"));
    await this.#done;
  }

  async #keep(): Promise<void> {
    const { onNotice } = this.#options;
    const { signal } = this.#closing;
    let pauseMs: number = RECONNECT_MS.first;
    while (!signal.aborted) {
      try {
        await using host = await this.#options.provider.connect(this.#target, signal);
        await this.#noteSession(host, signal);
        const port = await host.forwardIn(this.#options.tunnelPort, this.#options.headPort);
        pauseMs = RECONNECT_MS.first;
        this.#current.resolve({ host, port });
        const reason = await Promise.race([host.closed, aborted(signal)]);
        if (!signal.aborted) onNotice(this.#target.nodeId, `its connection broke: ${reason}`);
        this.#renew();
      } catch (error) {
        if (signal.aborted) break;
        onNotice(this.#target.nodeId, errorMessage(error));
        if (!(error instanceof HostError && error.isPassing)) {
          // Whoever waits learns why; later callers get the outcome of later tries.
          this.#current.reject(error);
          this.#renew();
        }
      }
      await delay(pauseMs, { signal }).catch(() => {});
      pauseMs = Math.min(RECONNECT_MS.most, 2 * pauseMs);
    }
    this.#current.reject(signal.reason);
  }

  /** Ends an earlier session that was cut off: it would have the tunnel's port. Before the machine is a node there is none,
   * and nothing is left on it. */
  async #noteSession(host: Host, signal: AbortSignal): Promise<void> {
    const { dir } = await this.#options.provider.layout(this.#target, host);
    const note = `[ ! -d ${shellQuote(dir)} ] || ${noteSessionCommand(dir)}`;
    await execOk(host, "note its session", note, { signal });
  }

  #renew(): void {
    this.#current = Promise.withResolvers<OpenLink>();
    this.#current.promise.catch(() => {});
  }
}

function aborted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("closed");
    else signal.addEventListener("abort", () => resolve("closed"), { once: true });
  });
}
