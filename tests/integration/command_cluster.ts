import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { connect } from "../../cluster/client/mod.ts";
import type { ClusterClient } from "../../cluster/client/mod.ts";
import { type CommandOptions, RunningCommand } from "./cli.ts";

interface HeadAddress {
  readonly url: string;
  readonly token_file: string;
}

/** A head and workers as a user starts them: a command each. */
export class CommandCluster {
  readonly #folder: string;
  readonly #optionsOf: (name: string) => CommandOptions;
  readonly workers: RunningCommand[] = [];
  head!: RunningCommand;
  address!: HeadAddress;

  /** @param optionsOf how the head and each worker are started, by their names: "head", "worker 1" */
  constructor(folder: string, optionsOf: (name: string) => CommandOptions = () => ({})) {
    this.#folder = folder;
    this.#optionsOf = optionsOf;
  }

  async startHead(port: string, ...flags: string[]): Promise<void> {
    this.head = new RunningCommand("head", [
      "--dir",
      join(this.#folder, "head"),
      "--port",
      port,
      "--runs",
      join(this.#folder, "out"),
      "--json",
      ...flags,
    ], this.#optionsOf("head"));
    this.address = JSON.parse(await this.head.firstLine());
  }

  async startWorker(...flags: string[]): Promise<RunningCommand> {
    const worker = new RunningCommand("worker", [
      ...this.flags,
      ...(flags.some((flag) => flag.startsWith("--cpus")) ? [] : ["--cpus=1"]),
      `--allow-write=${join(this.#folder, "out/store")}`,
      `--log-dir=${join(this.#folder, "worker-logs")}`,
      ...flags,
    ], this.#optionsOf(`worker ${this.workers.length + 1}`));
    this.workers.push(worker);
    await worker.firstLine();
    return worker;
  }

  /** Runs another command on the head. */
  command(task: string, ...args: string[]): RunningCommand {
    return new RunningCommand(task, [...this.flags, ...args]);
  }

  /** A client of the head, in this process. */
  connect(): ClusterClient {
    const token = Deno.readTextFileSync(this.address.token_file).trim();
    return connect({ headUrl: this.address.url, token });
  }

  get flags(): string[] {
    return ["--head", this.address.url, "--token-file", this.address.token_file];
  }

  get port(): string {
    return new URL(this.address.url).port;
  }

  async stop(): Promise<void> {
    const all = [...this.workers, this.head];
    for (const command of all) command.kill("SIGTERM");
    for (const command of all) assertEquals((await command.result()).code, 0);
  }
}
