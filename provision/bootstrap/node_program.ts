/** What a node shall run, as the caller knows it: this part knows neither the daemon nor what it does. */
export interface NodeProgram {
  /** The code as a tar archive, and its SHA-256, which names its folder. */
  readonly archive: { readonly hash: string; readonly bytes: Uint8Array };
  /** The version of Deno that a node must have: `2.9.6`. */
  readonly denoVersion: string;
  /** The executable of Deno for a machine, compressed by gzip.
   * @param architecture `x86_64` or `aarch64`, as `uname -m` says
   * @throws {UserError} when there is none */
  denoBinary(architecture: string): Promise<Uint8Array>;
  /** Commands that make the code ready, run in its folder. */
  prepare(node: NodePlace): readonly (readonly string[])[];
  /** Program and arguments of the daemon. */
  daemon(node: NodePlace): readonly string[];
  /** Program and arguments of what lets the daemon finish when the machine is taken back; empty: nothing. */
  onNotice(node: NodePlace): readonly string[];
  /** The cluster's token. */
  readonly token: string;
}

/** Where things are on a node. */
export interface NodePlace {
  readonly nodeId: string;
  /** Its head, as the node reaches it. */
  readonly headUrl: string;
  /** Its executable of Deno. */
  readonly deno: string;
  /** The folder of its code. */
  readonly codeDir: string;
  /** All that it has. */
  readonly dir: string;
  readonly tokenFile: string;
}
