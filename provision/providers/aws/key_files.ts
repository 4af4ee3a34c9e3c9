import { writeFileAtomic } from "../../../src/base/atomic_file.ts";
import { readTextIfThere } from "../../../src/base/if_there.ts";
import { newKeyPair, type SshKeyPair } from "../../ssh/host_keys.ts";

/** A machine, by its place in the cluster. */
interface Place {
  readonly launchId: string;
  readonly nodeId: string;
}

/** The keys of a cluster, in its folder: one by which we log in, and for each launch the one that its machines
 * start with, and of each machine the public one that it has since. They are on the disk before anything is launched with them. */
export class KeyFiles {
  readonly #dir: string;

  /** @param dir of the cluster; absolute */
  constructor(dir: string) {
    this.#dir = `${dir}/keys`;
  }

  /** The file of the private key by which we log in. */
  get loginFile(): string {
    return `${this.#dir}/login`;
  }

  /** The key by which we log in. */
  login(): Promise<SshKeyPair> {
    return this.#pair("login");
  }

  /** The host key of a launch's machines. */
  host(launchId: string): Promise<SshKeyPair> {
    return this.#pair(`host-${launchId}`);
  }

  /** The public host keys that a machine may have: its own; the launch's while it has none, or while it is being
   * changed. Empty when they are lost. */
  hostKeysOf({ launchId, nodeId }: Place): readonly string[] {
    const own = readTextIfThere(this.#own(nodeId));
    if (own !== undefined) return [own];
    const keys = [`${this.#dir}/host-${launchId}.pub`, this.#next(nodeId)].map(readTextIfThere);
    return keys.filter((key) => key !== undefined).map((key) => key.trim());
  }

  /** Whether a machine has a key of its own. */
  hasOwn(nodeId: string): boolean {
    return readTextIfThere(this.#own(nodeId)) !== undefined;
  }

  /** Notes the key that a machine will have. */
  async expect(nodeId: string, publicKey: string): Promise<void> {
    await writeFileAtomic(this.#next(nodeId), publicKey);
  }

  /** The machine was seen with the key that was expected: no other is taken from now on. */
  async confirm(nodeId: string): Promise<void> {
    await Deno.rename(this.#next(nodeId), this.#own(nodeId));
  }

  /** A file that names a machine's host key as OpenSSH wants it. */
  knownHostsFile(place: Place, address: string): string {
    const path = `${this.#dir}/known-${place.nodeId}`;
    const lines = this.hostKeysOf(place).map((key) => `${address} ${key}\n`);
    Deno.writeTextFileSync(path, lines.join(""));
    return path;
  }

  #own(nodeId: string): string {
    return `${this.#dir}/node-${nodeId}.pub`;
  }

  #next(nodeId: string): string {
    return `${this.#dir}/node-${nodeId}.next`;
  }

  /** Made when it is not there. */
  async #pair(name: string): Promise<SshKeyPair> {
    const known = await this.#read(name);
    if (known !== undefined) return known;
    await Deno.mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const pair = newKeyPair(`tradewind-${name}`);
    await writeFileAtomic(`${this.#dir}/${name}.pub`, pair.publicKey);
    await writeFileAtomic(`${this.#dir}/${name}`, pair.privateKey);
    await Deno.chmod(`${this.#dir}/${name}`, 0o600);
    return pair;
  }

  async #read(name: string): Promise<SshKeyPair | undefined> {
    try {
      return {
        privateKey: await Deno.readTextFile(`${this.#dir}/${name}`),
        publicKey: (await Deno.readTextFile(`${this.#dir}/${name}.pub`)).trim(),
      };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
}
