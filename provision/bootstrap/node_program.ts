/** By what a file is compressed: zstd unpacks Deno in a quarter of the time, and not every machine has it. */
export type Packing = "zstd" | "gzip";

/** What a node shall run, as the caller knows it: this part knows neither the daemon nor what it does. */
export interface NodeProgram {
  /** The code as a tar archive, and its SHA-256, which names its folder. */
  readonly archive: { readonly hash: string; readonly bytes: Uint8Array };
  /** The version of Deno that a node must have: `2.9.6`. */
  readonly denoVersion: string;
  /** The executable of Deno for a machine, compressed.
   * @param architecture `x86_64` or `aarch64`, as `uname -m` says
   * @throws {UserError} when there is none */
  denoBinary(architecture: string, packing: Packing): Promise<Uint8Array>;
  /** Commands that make the code ready, run in its folder.
   * @param from `machine`: of what the machine has alone, and they fail when something is missing; `registry`: they fetch
   * what is missing */
  prepare(node: NodePlace, from: "machine" | "registry"): readonly (readonly string[])[];
  readonly packages: NodePackages;
  /** Program and arguments of the daemon. */
  daemon(node: NodePlace): readonly string[];
  /** A POST there, with the cluster's token, lets the daemon finish when the machine is taken back; null: nothing does. */
  noticeUrl(node: NodePlace): string | null;
  /** The cluster's token. */
  readonly token: string;
}

/** What the code needs beside itself, for machines that cannot fetch it. */
export interface NodePackages {
  /** Program and arguments that succeed where packages can be fetched. */
  canFetch(node: NodePlace): readonly string[];
  /** All of them, as one file.
   * @throws {UserError} when they cannot be read here */
  archive(): Promise<Uint8Array>;
  /** Program and arguments that put them where `prepare` finds them.
   * @param file path of the archive on the node */
  unpack(node: NodePlace, file: string): readonly string[];
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
