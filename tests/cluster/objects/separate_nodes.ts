/** A head and nodes that share no folder, for the tests of objects that travel. */
import { join } from "@std/path";
import { connect } from "../../../cluster/client/mod.ts";
import type { ClusterClient, SubmitOptions, TaskHandle } from "../../../cluster/client/mod.ts";
import { Head } from "../../../cluster/head/head.ts";
import { removeMemoryFolder } from "../../../cluster/objects/memory_folder.ts";
import { newToken } from "../../../cluster/protocol/access.ts";
import { ROOT } from "../../structure/sources.ts";

const DAEMON = join(ROOT, "src/cli/worker.ts");
const MODULE = new URL("../client/tasks.ts", import.meta.url).href;
/** Nobody waits longer for something to become true. */
const PATIENCE_MS = 30_000;

/** The process of a node. */
export interface SeparateNode {
  readonly name: string;
  /** Kills it without a chance to say anything. */
  kill(): Promise<void>;
  /** The files of its objects in memory and on disk. */
  files(place: "memory" | "disk"): string[];
}

/** What a test has to do with. */
export interface Trial {
  readonly head: Head;
  readonly client: ClusterClient;
  readonly token: string;
  /** Starts a node with one cpu, and waits until it has joined. */
  startNode(name: string, ...flags: string[]): Promise<SeparateNode>;
  /** Submits an export of the tasks of tests to a node; without one to any. */
  submit<R>(exportName: string, args: unknown[], node?: SeparateNode): TaskHandle<R>;
}

/** Runs a test with a head in this process; nodes that it starts are ended after it. */
export async function withSeparateNodes(test: (trial: Trial) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-objects-" });
  const token = newToken();
  await Deno.writeTextFile(`${folder}/token`, token);
  const limits = { objectGraceMs: 100, starvedDelayMs: 50 };
  const head = new Head({ stateDir: `${folder}/head`, token, limits });
  const client = connect({ headUrl: head.url, token, code: "in-place" });
  const nodes: SeparateNode[] = [];
  try {
    await test({
      head,
      client,
      token,
      async startNode(name, ...flags) {
        const where = [`--head=${head.url}`, `--token-file=${folder}/token`];
        const node = startNode(folder, name, [...where, ...flags]);
        nodes.push(node);
        await until(async () => {
          const { workers } = await client.status();
          return workers.some(({ workerId }) => workerId === name);
        });
        return node;
      },
      submit<R>(exportName: string, args: unknown[], node?: SeparateNode) {
        const options: SubmitOptions = node === undefined
          ? {}
          : { affinity: { nodes: [node.name], mode: "require" } };
        return client.submit<R>({ module: MODULE, exportName }, args, options);
      },
    });
  } finally {
    await client[Symbol.asyncDispose]();
    await Promise.all(nodes.map((node) => node.kill()));
    await head[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Resolves once something is so.
 * @throws {Error} when it does not become so */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  const startedAt = Date.now();
  while (!await isSo()) {
    if (Date.now() - startedAt > PATIENCE_MS) throw new Error(`It is not so: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function startNode(folder: string, name: string, flags: readonly string[]): SeparateNode {
  const own = `${folder}/${name}`;
  Deno.mkdirSync(own);
  const daemon = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", DAEMON, ...flags].concat([
      `--id=${name}`,
      "--cpus=1",
      `--log-dir=${own}/logs`,
    ]),
    env: { TMPDIR: own },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  /** The folder that the worker made for itself. */
  const nodeDir = () => {
    const made = [...Deno.readDirSync(own)].find((entry) =>
      entry.name.startsWith("tradewind-node-")
    );
    return `${own}/${made?.name}`;
  };
  let isKilled = false;
  return {
    name,
    async kill() {
      if (isKilled) return;
      isKilled = true;
      daemon.kill("SIGKILL");
      await daemon.status;
      removeMemoryFolder(nodeDir());
    },
    files(place) {
      const path = `${nodeDir()}/${place === "memory" ? "memory" : "objects"}`;
      return [...Deno.readDirSync(path)].map((entry) => `${path}/${entry.name}`);
    },
  };
}
