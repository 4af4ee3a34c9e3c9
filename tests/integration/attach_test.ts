import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { ClusterClient, StoredLine } from "../../cluster/client/mod.ts";
import { until, withFolder } from "./cli.ts";
import { CommandCluster } from "./command_cluster.ts";

const MODULE = new URL("../cluster/client/unruly_tasks.ts", import.meta.url).href;
const PATIENCE_MS = 30_000;

async function write(client: ClusterClient, text: string, runId: string): Promise<void> {
  await client.submit({ module: MODULE, exportName: "write" }, [text], { runId }).result;
}

function linesIn(stdout: string): StoredLine[] {
  return stdout.split("\n").filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
}

function texts(stdout: string): string[] {
  return linesIn(stdout).filter(({ stream }) => stream !== "notice").map(({ text }) => text);
}

const written = (text: string) => [`error ${text}`, `log ${text}`, `stdout ${text}`];

Deno.test("cluster:attach follows what tasks write on every node, through the death of the head, and ends by Ctrl-C", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    await cluster.startWorker();
    await cluster.startWorker();
    const client = cluster.connect();
    await write(client, "before", "first");
    const attached = cluster.command("cluster:attach", "--json");
    await until("the past is shown", () => texts(attached.stdoutSoFar).length >= 3, PATIENCE_MS);
    await Promise.all(["a", "b", "c", "d"].map((text) => write(client, text, "second")));
    await until("news are shown", () => texts(attached.stdoutSoFar).length >= 15, PATIENCE_MS);
    cluster.head.kill("SIGKILL");
    await cluster.head.result();
    await attached.says("The head is away");
    await cluster.startHead(cluster.port);
    await write(client, "after", "third");
    await until("it goes on", () => texts(attached.stdoutSoFar).includes("log after"), PATIENCE_MS);
    await until("all is there", () => texts(attached.stdoutSoFar).length >= 18, PATIENCE_MS);

    attached.kill("SIGINT");
    const { code, stdout } = await attached.result();
    assertEquals(code, 0);
    assertEquals(
      texts(stdout).sort(),
      ["before", "a", "b", "c", "d", "after"].flatMap(written).sort(),
    );
    const lines = linesIn(stdout);
    assert(lines.every(({ seq }, i) => i === 0 || seq > lines[i - 1].seq));
    assert(new Set(lines.map(({ node }) => node)).size >= 2);

    const one = await cluster.command("cluster:attach", "--no-follow", "--run", "first").result();
    assertEquals(one.code, 0);
    assertMatch(one.stdout, /^(\d\d:\d\d:\d\d\.\d{3} worker….{4} write\/0 [│!] \w+ before\n){3}$/);
    const head = await cluster.command("cluster:attach", "--no-follow", "--node=head").result();
    assertEquals(texts(head.stdout), []);
    await client[Symbol.asyncDispose]();
    await cluster.stop();
    const away = await cluster.command("cluster:attach").result();
    assertEquals(away.code, 1);
    assertStringIncludes(away.stderr, "was away for 3 s");
    const logs = [...Deno.readDirSync(join(folder, "worker-logs"))];
    assertEquals(logs.length, 2);
  }));

Deno.test("a flood of output neither holds up tasks nor gets lost without a word", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    await cluster.startWorker("--cpus=2");
    const client = cluster.connect();
    const flood = client.submit({ module: MODULE, exportName: "flood" }, [300_000]);
    let between = 0;
    let isFlooding = true;
    flood.result.finally(() => isFlooding = false).catch(() => {});
    while (isFlooding) {
      await client.submit({ module: MODULE, exportName: "pid" }, []).result;
      between++;
    }
    assert(between > 3, `only ${between} tasks ran beside the flood`);
    assertEquals(await flood.result, 300_000);
    const attached = cluster.command("cluster:attach", "--json", "--task=flood");
    await until(
      "the end is told",
      () => texts(attached.stdoutSoFar).some((text) => text.includes("lines dropped")),
      PATIENCE_MS,
    );
    attached.kill("SIGTERM");
    assertEquals((await attached.result()).code, 0);
    await client[Symbol.asyncDispose]();
    await cluster.stop();
  }));
