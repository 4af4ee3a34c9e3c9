import { assert } from "@std/assert";
import { delay } from "@std/async/delay";
import type { SshKeyPair } from "../../../provision/ssh/host_keys.ts";
import { TestMachine } from "../test_machines.ts";
import type { TestEc2, TestInstance } from "./test_ec2.ts";

/** The key pair and the authorized key in what a machine is told. */
export function keysIn(userData: string): { hostKey: SshKeyPair; authorizedKey: string } {
  const privateKey = /-----BEGIN[^]*?END OPENSSH PRIVATE KEY-----/.exec(userData)?.[0]
    .replaceAll(/\n +/g, "\n");
  const publicKey = /ed25519_public: (.*)/.exec(userData)?.[1];
  const authorizedKey = /ssh_authorized_keys:\s+- (.*)/.exec(userData)?.[1];
  assert(privateKey && publicKey && authorizedKey, userData);
  return { hostKey: { privateKey: `${privateKey}\n`, publicKey }, authorizedKey };
}

const LOOK_MS = 50;

/** The access key of the role of those that have a profile. */
export const ROLE_KEY = "ASIAROLE";

/** Gives each instance of a test's EC2 a machine of its own: one that is launched boots, with the keys that it was told;
 * one that is terminated, or shuts itself down, is gone. */
export class Ec2Machines implements AsyncDisposable {
  readonly #ec2: TestEc2;
  readonly #packages: string;
  readonly #machines = new Map<string, TestMachine>();
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;

  /** @param packages see `MachineOptions` */
  constructor(ec2: TestEc2, packages: string) {
    this.#ec2 = ec2;
    this.#packages = packages;
    this.#done = this.#keep();
  }

  /** The machine of an instance that runs. */
  of(id: string): TestMachine {
    const machine = this.#machines.get(id);
    assert(machine !== undefined, `${id} has no machine`);
    return machine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#done;
    await Promise.all(
      [...this.#machines.values()].map((machine) => machine[Symbol.asyncDispose]()),
    );
  }

  async #keep(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const instances = [...this.#ec2.instances.values()];
      await Promise.all(instances.map((instance) => this.#follow(instance)));
      await delay(LOOK_MS, { signal }).catch(() => {});
    }
  }

  async #follow(instance: TestInstance): Promise<void> {
    const machine = this.#machines.get(instance.id);
    if (instance.state === "pending" && machine === undefined) {
      const keys = keysIn(instance.userData);
      const options = { ...keys, packages: this.#packages, metadata: true };
      const booted = await TestMachine.start(options);
      if (instance.profile !== "") booted.giveRole(ROLE_KEY);
      this.#machines.set(instance.id, booted);
      instance.address = booted.address;
      instance.state = "running";
    }
    if (machine?.askedOf("systemctl").includes("poweroff")) instance.state = "shutting-down";
    if (instance.state === "shutting-down") {
      this.#machines.delete(instance.id);
      await machine?.[Symbol.asyncDispose]();
      instance.state = "terminated";
    }
  }
}
