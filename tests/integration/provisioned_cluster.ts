import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { RunningCommand } from "./cli.ts";

/** What cluster:up prints with --json. */
export interface UpOutcome {
  readonly head: string;
  readonly token_file: string;
  readonly nodes: readonly { readonly node: string; readonly phase: string }[];
}

/** A cluster as a user has it: a configuration, and commands. It is ended at the end of its test, whatever became of
 * that. */
export class ProvisionedCluster implements AsyncDisposable {
  readonly dir: string;
  readonly #file: string;
  readonly #env: Readonly<Record<string, string>>;

  /** @param config of `cluster.jsonc` */
  constructor(folder: string, config: object, env: Readonly<Record<string, string>> = {}) {
    this.#file = join(folder, "cluster.jsonc");
    this.dir = join(folder, "cluster");
    this.#env = env;
    Deno.writeTextFileSync(this.#file, JSON.stringify(config));
  }

  /** Runs one of its commands. */
  command(task: string, ...args: readonly string[]): RunningCommand {
    const flags = ["--file", this.#file, "--dir", this.dir];
    return new RunningCommand(task, [...flags, ...args], { env: this.#env });
  }

  /** Brings it up; that has to succeed. */
  async up(...args: readonly string[]): Promise<UpOutcome> {
    const { code, stdout, stderr } = await this.command("cluster:up", "--json", "--yes", ...args)
      .result();
    assertEquals(code, 0, stderr);
    return JSON.parse(stdout) as UpOutcome;
  }

  /** Ends it; that has to succeed. */
  async down(): Promise<void> {
    const { code, stderr } = await this.command("cluster:down").result();
    assertEquals(code, 0, stderr);
  }

  /** The process id of its keeper. */
  keeperPid(): number {
    return JSON.parse(Deno.readTextFileSync(`${this.dir}/keeper.json`)).pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command("cluster:down").result();
  }
}
