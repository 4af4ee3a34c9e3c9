/** A head and daemons as processes of their own for the tests of code that travels: nothing of the project is theirs. */
import { dirname, join, toFileUrl } from "@std/path";
import { newToken } from "../../../cluster/head/access.ts";
import { Head } from "../../../cluster/head/head.ts";
import { connect } from "../../../cluster/client/mod.ts";
import type { ClusterClient, CodeShippingOptions } from "../../../cluster/client/mod.ts";
import { ROOT } from "../../structure/sources.ts";

const DAEMON = new URL("../../../cluster/worker/main.ts", import.meta.url).pathname;

/** What a test has to do with. */
export interface Trial {
  /** A temporary folder. */
  readonly folder: string;
  readonly head: Head;
  readonly client: (code?: CodeShippingOptions) => ClusterClient;
  /** Starts a daemon with a HOME of its own.
   * @returns its process */
  readonly startNode: (name: string, flags?: readonly string[]) => Deno.ChildProcess;
}

/** Runs a test with a head in this process; nodes and clients that it starts are ended after it. */
export async function withHead(test: (trial: Trial) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-code-" });
  const token = newToken();
  const tokenFile = join(folder, "token");
  await Deno.writeTextFile(tokenFile, token);
  const head = new Head({ stateDir: join(folder, "head"), token });
  const nodes: Deno.ChildProcess[] = [];
  const clients: ClusterClient[] = [];
  const startNode = (name: string, flags: readonly string[] = []) => {
    const node = startDaemon(folder, name, [
      `--head=${head.url}`,
      `--token-file=${tokenFile}`,
      ...flags,
    ]);
    nodes.push(node);
    return node;
  };
  const client = (code: CodeShippingOptions = {}) => {
    clients.push(connect({ headUrl: head.url, token, code }));
    return clients.at(-1)!;
  };
  try {
    await test({ folder, head, client, startNode });
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
    for (const node of nodes) node.kill("SIGTERM");
    await Promise.all(nodes.map(({ status }) => status));
    await head[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
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

function startDaemon(folder: string, name: string, flags: readonly string[]): Deno.ChildProcess {
  const home = join(folder, name);
  Deno.mkdirSync(home);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", DAEMON, ...flags].concat(
      [`--id=${name}`, "--cpus=1", `--node-dir=${home}/node`, `--log-file=${home}/log`],
    ),
    cwd: home,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, HOME: home, DENO_DIR: denoDir() },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

function denoDir(): string {
  return Deno.env.get("DENO_DIR") ??
    join(Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME")!, ".cache"), "deno");
}
