import { writeFileAtomic } from "../../../src/base/atomic_file.ts";
import { newKeyPair, type SshKeyPair } from "../../ssh/host_keys.ts";

/** The keys of a cluster, in its folder: one by which we log in, and for each launch the one that its machines have.
 * They are on the disk before anything is launched with them. */
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

  /** The public host key of a launch; undefined when it is not ours, or lost. */
  async knownHost(launchId: string): Promise<string | undefined> {
    return (await this.#read(`host-${launchId}`))?.publicKey;
  }

  /** A file that names a machine's host key as OpenSSH wants it. */
  knownHostsFile(launchId: string, address: string): string {
    const key = Deno.readTextFileSync(`${this.#dir}/host-${launchId}.pub`).trim();
    const path = `${this.#dir}/known-${launchId}`;
    Deno.writeTextFileSync(path, `${address} ${key}\n`);
    return path;
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
