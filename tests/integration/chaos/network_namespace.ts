/** A network of its own for processes, tied to this one's by a cable that can be cut. Linux, root. */
export class NetworkNamespace implements Disposable {
  /** Our end's address. */
  readonly hostAddress: string;
  readonly #name: string;
  readonly #cable: string;

  /** @param index from 0 to 250, another one for each that lives at the same time */
  constructor(index: number) {
    this.#name = `tv${Deno.pid}n${index}`;
    this.#cable = `tv${Deno.pid}v${index}`.slice(0, 15);
    const [ours, theirs] = [this.#cable, `${this.#cable}p`.slice(-15)];
    this.hostAddress = `10.213.${index}.1`;
    ip("netns", "add", this.#name);
    try {
      ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", this.#name);
      ip("addr", "add", `${this.hostAddress}/30`, "dev", ours);
      ip("link", "set", ours, "up");
      ip("-n", this.#name, "addr", "add", `10.213.${index}.2/30`, "dev", theirs);
      ip("-n", this.#name, "link", "set", theirs, "up");
      ip("-n", this.#name, "link", "set", "lo", "up");
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether this machine lets us make one; undefined when it does, else why not. */
  static unavailable(): string | undefined {
    if (Deno.uid() !== 0) return "it needs root";
    try {
      using _ = new NetworkNamespace(250);
      return undefined;
    } catch (error) {
      return error instanceof Deno.errors.NotFound ? "it needs ip(8)" : (error as Error).message;
    }
  }

  /** What runs a command in here. */
  command(program: string, args: readonly string[]): readonly [program: string, args: string[]] {
    return ["ip", ["netns", "exec", this.#name, program, ...args]];
  }

  /** Nothing passes any more, and nobody is told. */
  cut(): void {
    ip("link", "set", this.#cable, "down");
  }

  /** Packets pass again. */
  mend(): void {
    ip("link", "set", this.#cable, "up");
  }

  [Symbol.dispose](): void {
    // The cable goes with it.
    ip("netns", "del", this.#name);
  }
}

function ip(...args: string[]): void {
  const { success, stderr } = new Deno.Command("ip", { args, stdout: "null", stderr: "piped" })
    .outputSync();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
