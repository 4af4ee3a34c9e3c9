import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect } from "../../cluster/client/mod.ts";
import { clusterInitText } from "../../provision/config/cluster_init.ts";
import { processesOf, RunningCommand, until, withFolder } from "./cli.ts";

/** What cluster:up prints with --json. */
interface Outcome {
  readonly head: string;
  readonly token_file: string;
  readonly nodes: readonly { readonly node: string; readonly phase: string }[];
}

/** Ended at the end of its test, whatever became of that. */
interface Cluster extends AsyncDisposable {
  readonly flags: readonly string[];
  readonly dir: string;
}

async function newCluster(folder: string): Promise<Cluster> {
  const file = `${folder}/cluster.jsonc`;
  const text = clusterInitText("test", "local").replace('"max": 2', '"max": 2, "cpus": 1');
  await Deno.writeTextFile(file, text);
  const dir = `${folder}/cluster`;
  const flags = ["--file", file, "--dir", dir];
  return {
    dir,
    flags,
    async [Symbol.asyncDispose]() {
      await new RunningCommand("cluster:down", flags).result();
    },
  };
}

async function up({ flags }: Cluster, ...more: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new RunningCommand("cluster:up", [
    ...flags,
    "--json",
    ...more,
  ]).result();
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout) as Outcome;
}

function keeperPid({ dir }: Cluster): number {
  return JSON.parse(Deno.readTextFileSync(`${dir}/keeper.json`)).pid;
}

Deno.test("a cluster comes up, outlives its keeper, runs tasks, tells its story and leaves nothing behind", () =>
  withFolder(async (folder) => {
    await using cluster = await newCluster(folder);
    const dry = await new RunningCommand("cluster:up", [...cluster.flags, "--dry-run"]).result();
    assertStringIncludes(dry.stdout, "launch 2 × on_demand in local");
    const planned = await new RunningCommand("cluster:up", [
      ...cluster.flags,
      ...["--dry-run", "--json"],
    ]).result();
    const { launches, usd_per_hour } = JSON.parse(planned.stdout);
    assertEquals(launches.map(({ count }: { count: number }) => count), [2]);
    assertEquals(usd_per_hour, { launches: 0, now: 0, most: 10 });
    const first = await up(cluster, "--workers", "1");
    assertEquals(first.nodes.map(({ phase }) => phase), ["ready"]);
    Deno.kill(keeperPid(cluster), "SIGKILL");
    const second = await up(cluster, "--workers", "1");
    assertEquals(second.nodes, first.nodes);
    assertEquals(second.head, first.head);
    const token = (await Deno.readTextFile(second.token_file)).trim();
    await using client = connect({ headUrl: second.head, token });
    const module = new URL("./up_tasks.ts", import.meta.url).href;
    assertEquals(await client.submit({ module, exportName: "half" }, [84]).result, 42);
    const status = await new RunningCommand("cluster:status", cluster.flags).result();
    assertMatch(status.stdout, /Node {5}test-\w+-1-0 {2}ready for \d+ s/);
    assertMatch(status.stdout, /Worker {3}test-\w+-1-0 {2}connected, 1 cpus/);
    const logs = await new RunningCommand("cluster:logs", cluster.flags).result();
    assertMatch(logs.stdout, /ready: its worker is registered/);
    const nodeLogs = await new RunningCommand("cluster:logs", ["1-0", ...cluster.flags]).result();
    assertMatch(nodeLogs.stdout, /warden \d+ keeps [^]*Joining http/);
    const down = await new RunningCommand("cluster:down", cluster.flags).result();
    assertEquals([down.code, down.stdout], [0, "Nothing is left of test.\n"]);
    assertEquals([...Deno.readDirSync(`${cluster.dir}/machines`)], []);
    const again = await new RunningCommand("cluster:down", cluster.flags).result();
    assertEquals(again.code, 0, again.stderr);
  }));

Deno.test("cluster:up that is broken off by Ctrl-C goes on by itself, and cluster:down ends what it began", () =>
  withFolder(async (folder) => {
    await using cluster = await newCluster(folder);
    const command = new RunningCommand("cluster:up", cluster.flags);
    await command.says("got 2");
    command.kill("SIGINT");
    const { code, stderr } = await command.result();
    assertEquals(code, 130);
    assertStringIncludes(stderr, "goes on coming up");
    const down = await new RunningCommand("cluster:down", cluster.flags).result();
    assertEquals(down.code, 0, down.stderr);
    assertEquals([...Deno.readDirSync(`${cluster.dir}/machines`)], []);
    // Nothing that was being started when it was ended goes on, and the keeper ends, too.
    await until("no process is left", () => processesOf(cluster.dir).length === 0, 30_000);
  }));

Deno.test("cluster commands say what to do: no configuration, a node that is not there, too many workers", () =>
  withFolder(async (folder) => {
    const missing = await new RunningCommand("cluster:up", ["--file", `${folder}/none.jsonc`])
      .result();
    assertEquals(missing.code, 2);
    assertStringIncludes(missing.stderr, "hint: deno task cluster:init NAME writes one.");
    await using cluster = await newCluster(folder);
    const shell = await new RunningCommand("cluster:ssh", ["x", ...cluster.flags]).result();
    assertEquals(shell.code, 2);
    assertStringIncludes(shell.stderr, 'Cannot use "x" as a node: no node has this id');
    assertStringIncludes(shell.stderr, "hint: There is no node: deno task cluster:up.");
    const story = await new RunningCommand("cluster:logs", cluster.flags).result();
    assertEquals([story.code, story.stdout], [0, ""]);
    assertStringIncludes(story.stderr, "Nothing has happened to test yet");
    const many = await new RunningCommand("cluster:up", [...cluster.flags, "--workers", "9"])
      .result();
    assertEquals(many.code, 2);
    assert(many.stderr.includes("workers.max of test is 2"), many.stderr);
  }));
