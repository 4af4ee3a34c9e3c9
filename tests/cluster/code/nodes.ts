/** A head and daemons as processes of their own for the tests of code that travels: nothing of the project is theirs. */
import { dirname, join, toFileUrl } from "@std/path";
import { newToken } from "../../../cluster/protocol/access.ts";
import { Head } from "../../../cluster/head/head.ts";
import { Client } from "../../../cluster/client/client.ts";
import { inProcessWiring } from "../../../cluster/client/in_process.ts";
import { connect } from "../../../cluster/client/mod.ts";
import type { ClusterClient, CodeShippingOptions } from "../../../cluster/client/mod.ts";
import type { CodeRef } from "../../../cluster/protocol/code_ref.ts";
import { ROOT } from "../../structure/sources.ts";

const DAEMON = new URL("../../../src/cli/worker.ts", import.meta.url).pathname;

/** How a node differs from others. */
export interface NodeOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a test has to do with. */
export interface Trial {
  /** A temporary folder. */
  readonly folder: string;
  readonly head: Head;
  readonly client: (code?: CodeShippingOptions) => ClusterClient;
  /** A client that says of every module that it is of this code, which it does not send. */
  readonly clientOf: (code: CodeRef) => ClusterClient;
  /** Starts a daemon with a HOME of its own. */
  readonly startNode: (name: string, options?: NodeOptions) => void;
}

/** Runs a test with a head in this process; nodes and clients that it starts are ended after it. */
export async function withHead(test: (trial: Trial) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-code-" });
  const token = newToken();
  const tokenFile = join(folder, "token");
  await Deno.writeTextFile(tokenFile, token);
  // Tests do not wait for a worker to have rested.
  const limits = { maxUnprepared: 2, unpreparedRestMs: 500, objectGraceMs: 50 };
  const head = new Head({ stateDir: join(folder, "head"), token, limits });
  const nodes: Deno.ChildProcess[] = [];
  const clients: ClusterClient[] = [];
  const startNode = (name: string, { flags = [], env = {} }: NodeOptions = {}) => {
    const where = [`--head=${head.url}`, `--token-file=${tokenFile}`];
    nodes.push(startDaemon(folder, name, [...where, ...flags], env));
  };
  const clientOf = (code: CodeRef) => {
    const locate = (module: string) => ({ module, code });
    const source = { locate, upload: () => undefined, reconnected: () => {} };
    clients.push(new Client({ ...inProcessWiring(head), code: () => source }));
    return clients.at(-1)!;
  };
  const client = (code: CodeShippingOptions = {}) => {
    clients.push(connect({ headUrl: head.url, token, code }));
    return clients.at(-1)!;
  };
  try {
    await test({ folder, head, client, clientOf, startNode });
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
    for (const node of nodes) node.kill("SIGTERM");
    await Promise.all(nodes.map(({ status }) => status));
    await head[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where a node that was started by its name keeps the code of tasks. */
export function codeFolder(folder: string, name: string): string {
  const made = [...Deno.readDirSync(join(folder, name))]
    .find((entry) => entry.name.startsWith("tradewind-node-"));
  return join(folder, name, made!.name, "code");
}

/** Writes files below a folder and returns the URL of the folder, with `/` at the end. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
  return toFileUrl(`${folder}/`).href;
}

/** The part of Tradewind's own lock that a project with some of its packages has.
 * @param packages such as `zod@4.6.7`, none with dependencies of its own */
export function lockOf(packages: readonly string[]): string {
  const own = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.lock")));
  const specifiers = packages.map((name) => `npm:${name}`);
  return JSON.stringify({
    version: own.version,
    specifiers: Object.fromEntries(specifiers.map((name) => [name, own.specifiers[name]])),
    npm: Object.fromEntries(packages.map((name) => [name, own.npm[name]])),
    workspace: { dependencies: specifiers },
  });
}

function startDaemon(
  folder: string,
  name: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const home = join(folder, name);
  Deno.mkdirSync(home);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", DAEMON, ...flags].concat([
      `--id=${name}`,
      "--cpus=1",
      `--log-dir=${home}/logs`,
    ]),
    cwd: home,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, HOME: home, TMPDIR: home, DENO_DIR: denoDir(), ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

function denoDir(): string {
  return Deno.env.get("DENO_DIR") ??
    join(Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME")!, ".cache"), "deno");
}

/** The environment of a node whose cache has what Tradewind needs, but for one package. */
export async function cacheWithout(folder: string, name: string): Promise<Record<string, string>> {
  const cache = join(folder, `cache-without-${name}`);
  const registry = "npm/registry.npmjs.org";
  await Deno.mkdir(join(cache, registry), { recursive: true });
  for await (const entry of Deno.readDir(join(denoDir(), registry))) {
    if (entry.name === name) continue;
    await Deno.symlink(join(denoDir(), registry, entry.name), join(cache, registry, entry.name));
  }
  return { DENO_DIR: cache };
}
