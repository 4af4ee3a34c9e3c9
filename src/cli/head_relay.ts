/** A door on this machine's loopback that leads to whichever head a cluster has now: workers and clients that were told
 * its address find the next head as they find one that was restarted. */
export class HeadRelay implements AsyncDisposable {
  readonly url: string;
  readonly #listener: Deno.TcpListener;
  readonly #headUrl: () => Promise<string | undefined>;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #done: Promise<void>;

  /** @param headUrl where the head is now; undefined: there is none. Asked for each connection.
   * @param port 0: a free one */
  constructor(headUrl: () => Promise<string | undefined>, port: number) {
    this.#headUrl = headUrl;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.url = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#done = this.#serve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#done;
  }

  async #serve(): Promise<void> {
    const pairs = new Set<Promise<void>>();
    for await (const caller of this.#listener) {
      const pair = this.#join(caller).finally(() => pairs.delete(pair));
      pairs.add(pair);
    }
    await Promise.all(pairs);
  }

  async #join(caller: Deno.TcpConn): Promise<void> {
    this.#open.add(caller);
    try {
      const address = await this.#headUrl();
      if (address === undefined) return;
      const { hostname, port } = new URL(address);
      const head = await Deno.connect({ hostname, port: Number(port) });
      this.#open.add(head);
      caller.setNoDelay(true);
      head.setNoDelay(true);
      await Promise.all([pipe(caller, head), pipe(head, caller)]);
      this.#open.delete(head);
    } catch {
      // The caller sees its connection end, and tries again.
    } finally {
      close(caller);
      this.#open.delete(caller);
    }
  }
}

/** To the end of one side, which is the end of both. */
async function pipe(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  await from.readable.pipeTo(to.writable).catch(() => {});
  close(from);
  close(to);
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
