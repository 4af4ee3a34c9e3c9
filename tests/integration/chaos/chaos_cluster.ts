import { join } from "@std/path";
import { processesOf, RunningCommand, until } from "../cli.ts";

const PATIENCE_MS = 30_000;

/** A head and workers as commands, which may be killed and come back. */
export class ChaosCluster implements AsyncDisposable {
  readonly #folder: string;
  readonly #workers: RunningCommand[] = [];
  #head: RunningCommand | undefined;
  #url = "";
  token = "";

  /** @param folder of which every process of the cluster has a path in its command line */
  constructor(folder: string) {
    this.#folder = folder;
  }

  get url(): string {
    return this.#url;
  }

  async start(workers: number): Promise<void> {
    await this.#startHead("0");
    for (let i = 0; i < workers; i++) this.#startWorker();
  }

  /** Kills the head, and starts another one at the same place. */
  async killHead(): Promise<void> {
    this.#head?.kill("SIGKILL");
    await this.#head?.result();
    await this.#startHead(new URL(this.#url).port);
  }

  /** Kills a daemon, and starts another one. Its executors notice by themselves. */
  async killWorker(index: number): Promise<void> {
    const [worker] = this.#workers.splice(index % this.#workers.length, 1);
    worker.kill("SIGKILL");
    await worker.result();
    this.#startWorker();
  }

  /** Kills an executor, if there is one. */
  killExecutor(index: number): void {
    const executors = this.#executors();
    if (executors.length === 0) return;
    try {
      Deno.kill(executors[index % executors.length].pid, "SIGKILL");
    } catch (error) {
      // It has ended in between.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** A metric of the head, summed over its labels; NaN when it has none. */
  async metric(name: string): Promise<number> {
    const headers = { authorization: `Bearer ${this.token}` };
    const text = await (await fetch(`${this.#url}/metrics`, { headers })).text();
    const lines = text.split("\n").filter((line) =>
      line.startsWith(`${name} `) || line.startsWith(`${name}{`)
    );
    if (lines.length === 0) return NaN;
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  }

  /** Ends everything politely.
   * @throws {Error} when a process is left, or one ended badly */
  async stop(): Promise<void> {
    const all = [...this.#workers, ...(this.#head === undefined ? [] : [this.#head])];
    for (const command of all) command.kill("SIGTERM");
    for (const command of all) {
      const { code, stderr } = await command.result();
      if (code !== 0) throw new Error(`A command ended with ${code}:\n${stderr}`);
    }
    this.#workers.length = 0;
    this.#head = undefined;
    await until("no process is left", () => processesOf(this.#folder).length === 0, PATIENCE_MS);
  }

  /** Kills what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of processesOf(this.#folder)) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await Promise.all(
      [...this.#workers, ...(this.#head ? [this.#head] : [])].map((command) => command.result()),
    );
  }

  #executors(): { readonly pid: number }[] {
    return processesOf(this.#folder).filter(({ command }) => command.includes("executor_main.ts"));
  }

  async #startHead(port: string): Promise<void> {
    const dir = join(this.#folder, "head");
    this.#head = new RunningCommand("head", ["--dir", dir, "--port", port, "--json"]);
    const { url, token_file } = JSON.parse(await this.#head.firstLine());
    this.#url = url;
    this.token = (await Deno.readTextFile(token_file)).trim();
  }

  #startWorker(): void {
    const args = [
      "--head",
      this.#url,
      "--token-file",
      join(this.#folder, "head/token"),
      "--cpus=2",
    ];
    // Temporary folders of those that are killed lie in ours, and go with it.
    this.#workers.push(new RunningCommand("worker", args, { env: { TMPDIR: this.#folder } }));
  }
}
