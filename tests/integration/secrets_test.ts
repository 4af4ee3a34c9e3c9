import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { newToken } from "../../cluster/protocol/access.ts";
import { connect } from "../../cluster/client/mod.ts";
import { CommandCluster } from "./command_cluster.ts";
import { processesOf, RunningCommand, until, withFolder } from "./cli.ts";

// Not written out: the source of this very test travels to the nodes.
const SECRET = newToken();
const MODULE = new URL("../cluster/client/tasks.ts", import.meta.url).href;

/** The files below a folder that hold a text, the given ones left out. */
function filesWith(folder: string, text: string, without: RegExp): string[] {
  const needle = new TextEncoder().encode(text);
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) => {
    const path = join(folder, name);
    if (isDirectory) return filesWith(path, text, without);
    if (!isFile || without.test(path)) return [];
    return holds(Deno.readFileSync(path), needle) ? [path] : [];
  });
}

function holds(bytes: Uint8Array, needle: Uint8Array): boolean {
  for (let at = bytes.indexOf(needle[0]); at >= 0; at = bytes.indexOf(needle[0], at + 1)) {
    if (needle.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

Deno.test("secrets show in no process list, environment of executors, log, report or ledger of a run on a cluster", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    await cluster.startWorker("--cpus=2");
    const token = Deno.readTextFileSync(cluster.address.token_file).trim();
    const out = join(folder, "out");
    const run = new RunningCommand("production", [
      ...cluster.flags,
      `--out=${out}`,
      "--run-id=hush",
      "--quiet",
    ], { env: { TV_DATA_API_KEY: SECRET } });
    let seen = 0;
    const ended = run.result();
    let isOver = false;
    ended.then(() => isOver = true);
    while (!isOver) {
      for (const { pid, command } of processesOf(folder)) {
        assert(!command.includes(token) && !command.includes(SECRET), command);
        if (!command.includes("executor_main.ts")) continue;
        seen++;
        const environ = await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => "");
        assert(!environ.includes(token) && !environ.includes(SECRET), environ);
      }
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    const { code, stdout, stderr } = await ended;
    assertEquals(code, 0, stderr);
    assert(seen > 0, "no executor was seen");
    for (const text of [stdout, stderr, cluster.head.stderrSoFar]) {
      assert(!text.includes(SECRET) && !text.includes(token), text);
    }
    await cluster.stop();
    // The token's own file; the journal has the TV_* variables of tasks that are not forgotten yet.
    assertEquals(filesWith(folder, token, /\/head\/token$/), []);
    assertEquals(filesWith(folder, SECRET, /\/head\/head\.db(-wal)?$/), []);
  }));

Deno.test("cluster:token rotate: a worker with a token file of its own follows, and works on when the grace is over", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    const { url, token_file } = cluster.address;
    const old = Deno.readTextFileSync(token_file).trim();
    const ofWorker = join(folder, "token-of-worker");
    await Deno.writeTextFile(ofWorker, old, { mode: 0o600 });
    const worker = new RunningCommand("worker", [
      ...["--head", url, "--token-file", ofWorker, "--cpus=1"],
      ...["--allow-write", join(folder, "store"), "--log-dir", join(folder, "worker-logs")],
    ]);
    cluster.workers.push(worker);
    await worker.firstLine();
    const read = () => Deno.readTextFileSync(token_file).trim();
    await using client = connect({ headUrl: url, token: read });
    const sum = () => client.submit<number>({ module: MODULE, exportName: "add" }, [1, 2]).result;
    assertEquals(await sum(), 3);

    const { code, stdout } = await cluster.command("cluster:token", "rotate", "--grace=1s")
      .result();
    assertEquals(code, 0);
    assertMatch(stdout, /The new token is in .*; the old one is valid for 1 s more/);
    assert(!stdout.includes(read()), stdout);
    await until(
      "the worker's file holds the new token",
      () => Deno.readTextFileSync(ofWorker) === read() && read() !== old,
      20_000,
    );
    assertEquals(Deno.statSync(ofWorker).mode! & 0o777, 0o600);
    assertEquals(Deno.statSync(token_file).mode! & 0o777, 0o600);
    // The connections of before are closed now, and made again.
    await until("the old token opens nothing", () => filesOfOld(folder, old).length === 0, 20_000);
    assertEquals(await sum(), 3);
    const status = await cluster.command("cluster:status", "--json").result();
    assertEquals(JSON.parse(status.stdout).workers[0].state, "connected");
    await cluster.stop();
  }));

function filesOfOld(folder: string, old: string): string[] {
  return filesWith(folder, old, /-(wal|shm)$/);
}

Deno.test("cluster:token rotate --grace 0s: a worker that knows the old token alone ends, and says why", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    const leaked = join(folder, "leaked");
    await Deno.copyFile(cluster.address.token_file, leaked);
    const worker = new RunningCommand("worker", [
      ...["--head", cluster.address.url, "--token-file", leaked, "--cpus=1"],
      ...["--log-dir", join(folder, "worker-logs")],
    ]);
    await worker.firstLine();
    const client = cluster.connect();
    for (let tries = 0; (await client.status()).workers.length === 0; tries++) {
      assert(tries < 400, "the worker did not join");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await client[Symbol.asyncDispose]();
    const { code } = await cluster.command("cluster:token", "rotate", "--grace=0s").result();
    assertEquals(code, 0);
    const ended = await worker.result();
    assertEquals(ended.code, 1);
    assertMatch(ended.stderr, /refused the token/);
    await cluster.stop();
  }));

Deno.test("a token is 256 random bits, and no two are alike", () => {
  const tokens = Array.from({ length: 100 }, newToken);
  assertEquals(new Set(tokens).size, tokens.length);
  for (const token of tokens) assertMatch(token, /^[\w-]{43}$/);
});
