import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { runningKeeper } from "../../../../src/cli/provision/keeper_info.ts";
import type { TestMachine } from "../../../provision/test_machines.ts";
import { type CommandResult, processesOf, until } from "../../cli.ts";
import type { ProvisionedCluster } from "../../provisioned_cluster.ts";
import type { Fault } from "./fault_plan.ts";
import type { RestartableS3 } from "./restartable_s3.ts";
import { signal } from "./signals.ts";

const PATIENCE_MS = 60_000;
/** A lost node is given up after a minute, and made anew. */
const UP_MS = 300_000;

/** Does faults to a cluster, and takes them back: one at a time to each of its machines, its head and its store, whatever
 * happens to the others. */
export class FaultBench {
  readonly #cluster: ProvisionedCluster;
  readonly #machines: readonly TestMachine[];
  readonly #store: RestartableS3;
  readonly #underWay = new Map<unknown, Promise<void>>();
  readonly #ups: Promise<CommandResult>[] = [];
  #failure: unknown;

  constructor(
    cluster: ProvisionedCluster,
    machines: readonly TestMachine[],
    store: RestartableS3,
  ) {
    this.#cluster = cluster;
    this.#machines = machines;
    this.#store = store;
  }

  /** Begins a fault once the one before on the same target is over. */
  begin(fault: Fault): void {
    const target = targetOf(fault, this.#machines);
    const before = this.#underWay.get(target) ?? Promise.resolve();
    const done = before.then(() => this.#run(fault, target));
    this.#underWay.set(target, done.catch((error) => this.#failure ??= error));
  }

  /** Waits until every fault is over; what it hit may still be on its way back.
   * @throws what went wrong with one of them */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay.values());
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits until the last cluster:up has brought back what faults hit. One whose keeper was killed says so and fails.
   * @throws {Error} when the last one fails */
  async finish(): Promise<void> {
    await this.settle();
    const last = (await deadline(Promise.all(this.#ups), UP_MS)).at(-1);
    if (last === undefined || last.code === 0) return;
    throw new Error(`cluster:up ended with ${last.code}:\n${last.stderr}`);
  }

  async #run(fault: Fault, target: TestMachine | "head" | "store"): Promise<void> {
    if (target === "head") return await this.#runOnHead(fault);
    if (target === "store") return await this.#runOnStore(fault);
    return await runOnMachine(fault, target);
  }

  async #runOnHead({ type, lengthMs }: Fault): Promise<void> {
    const pid = this.#cluster.keeperPid();
    if (type === "head paused") {
      signal(pid, "SIGSTOP");
      await delay(lengthMs);
      return signal(pid, "SIGCONT");
    }
    signal(pid, "SIGKILL");
    const { dir } = this.#cluster;
    const isAlive = () => processesOf(dir).some((process) => process.pid === pid);
    await until("the head has ended", () => !isAlive(), PATIENCE_MS);
    // It ends only when all nodes are well, which may wait for other faults to be over.
    this.#ups.push(this.#cluster.command("cluster:up", "--json", "--yes").result());
    const isThere = () => (runningKeeper({ dir })?.pid ?? pid) !== pid;
    await until("the head is there again", isThere, PATIENCE_MS);
  }

  async #runOnStore({ type, lengthMs }: Fault): Promise<void> {
    if (type === "store paused") this.#store.pause();
    else await this.#store.kill();
    await delay(lengthMs);
    if (type === "store paused") this.#store.resume();
    else await this.#store.restart();
  }
}

function targetOf(
  { type, machine }: Fault,
  machines: readonly TestMachine[],
): TestMachine | "head" | "store" {
  if (type === "head killed" || type === "head paused") return "head";
  if (type === "store killed" || type === "store paused") return "store";
  return machines[machine % machines.length];
}

async function runOnMachine(fault: Fault, machine: TestMachine): Promise<void> {
  const { type, pick, lengthMs } = fault;
  switch (type) {
    case "executor killed":
    case "daemon killed":
    case "tunnel killed": {
      const pid = pickProcess(machine, type, pick);
      return pid === undefined ? undefined : signal(pid, "SIGKILL");
    }
    case "executor paused":
    case "daemon paused": {
      const pid = pickProcess(machine, type, pick);
      if (pid === undefined) return;
      signal(pid, "SIGSTOP");
      await delay(lengthMs);
      return signal(pid, "SIGCONT");
    }
    case "host killed":
      await machine.stopServer();
      await delay(lengthMs);
      return await machine.startServer();
    case "host cut off":
      machine.cutOff();
      await delay(lengthMs);
      return machine.reconnect();
    case "host slowed":
      if (!machine.slowDown()) return;
      await delay(lengthMs);
      return machine.speedUp();
    case "host filled":
      return await fill(machine, lengthMs);
    default:
      throw new Error(`No machine has the fault ${type}`);
  }
}

/** What marks the victims of a fault in their command line. */
const MARKS = { executor: "executor_main.ts", daemon: "worker.ts", tunnel: "sshd" } as const;

function pickProcess(machine: TestMachine, type: string, pick: number): number | undefined {
  const kind = type.split(" ")[0] as keyof typeof MARKS;
  const listener = Number(Deno.readTextFileSync(`${machine.dir}/sshd.pid`));
  const victims = machine.allProcesses().filter(({ pid, command }) =>
    command.includes(MARKS[kind]) && pid !== listener
  );
  return victims.length === 0 ? undefined : victims[pick % victims.length].pid;
}

/** Takes the last byte of a machine's disk, and gives all back later. */
async function fill(machine: TestMachine, lengthMs: number): Promise<void> {
  const path = `${machine.dir}/disk/filler`;
  const block = new Uint8Array(1024 * 1024).fill(1);
  using file = await Deno.open(path, { write: true, create: true });
  try {
    for (;;) await file.write(block);
  } catch {
    // It is full.
  }
  await delay(lengthMs);
  await file.truncate(0);
  await Deno.remove(path);
}
