import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { productionSummary, RunningCommand, startProduction, until, withFolder } from "./cli.ts";
import { CommandCluster } from "./command_cluster.ts";
import { writeManifest } from "./manifest.ts";

Deno.test("production runs on a head and workers of their own with the results of an embedded run; status shows them", () =>
  withFolder(async (folder) => {
    const manifest = await writeManifest(folder);
    const embedded = await productionSummary([
      "--manifest",
      manifest,
      "--out",
      join(folder, "embedded"),
    ]);
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    assertEquals(Deno.statSync(cluster.address.token_file).mode! & 0o777, 0o600);
    await cluster.startWorker();
    await cluster.startWorker();
    const remote = await productionSummary([
      "--manifest",
      manifest,
      "--out",
      join(folder, "out"),
      ...cluster.flags,
    ]);
    assertEquals(remote.result_hash, embedded.result_hash);

    const status = await new RunningCommand("cluster:status", [...cluster.flags, "--json"])
      .result();
    const { workers, tasks } = JSON.parse(status.stdout);
    assertEquals(workers.map(({ state }: { state: string }) => state), ["connected", "connected"]);
    assertEquals(Object.values(tasks), [0, 0, 0, 0, 0, 0, 0, 0]);
    const shown = await new RunningCommand("cluster:status", [...cluster.flags, "--permissions"])
      .result();
    assertMatch(
      shown.stdout,
      /executor \d+: \d+ tasks done, peak memory \d+ MiB, permissions usual/,
    );
    assertMatch(shown.stdout, /connected, 1 cpus, [\d.]+ GiB memory, 0 running, 0 queued/);
    await cluster.stop();
  }));

Deno.test("a head that is killed in the middle of a run and started again loses nothing: the run ends as if undisturbed", () =>
  withFolder(async (folder) => {
    const profile = {
      data: { lookback_days: 2269, min_days_floor: 320 },
      backtest: { engines: ["clustered", "flat"] },
    };
    const manifest = await writeManifest(folder, profile);
    const calm = await productionSummary(["--manifest", manifest, "--out", join(folder, "calm")]);
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    await cluster.startWorker();
    await cluster.startWorker();
    const run = startProduction([
      "--manifest",
      manifest,
      "--out",
      join(folder, "out"),
      "--json",
      ...cluster.flags,
    ]);
    await run.says("optimise: started");
    await new Promise((resolve) => setTimeout(resolve, 300));
    cluster.head.kill("SIGKILL");
    await cluster.head.result();
    await cluster.startHead(cluster.port);
    const { code, stdout, stderr } = await run.result();
    assertEquals(code, 0, stderr);
    assertEquals(JSON.parse(stdout).result_hash, calm.result_hash);
    await cluster.stop();
  }));

Deno.test("a wrong token, a head that is not there and a port that is taken are told, each with what to do", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    const wrong = join(folder, "wrong");
    await Deno.writeTextFile(wrong, "nonsense");
    const refused = await new RunningCommand("worker", [
      "--head",
      cluster.address.url,
      "--token-file",
      wrong,
    ]).result();
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "refused the token");
    const missing = await new RunningCommand("cluster:status", [
      "--token-file",
      join(folder, "none"),
    ]).result();
    assertEquals(missing.code, 2);
    assertStringIncludes(missing.stderr, "Cannot read the cluster's token");
    const taken = await new RunningCommand("head", [
      "--dir",
      join(folder, "h2"),
      "--port",
      cluster.port,
    ]).result();
    assertEquals(taken.code, 2, taken.stderr);
    assertStringIncludes(taken.stderr, `Cannot listen on 127.0.0.1:${cluster.port}`);
    const unnamed = await new RunningCommand("worker", [...cluster.flags, "--id=a/b"]).result();
    assertEquals(unnamed.code, 2, unnamed.stderr);
    assertStringIncludes(unnamed.stderr, 'Cannot use --id "a/b"');
    const second = await new RunningCommand("head", ["--dir", join(folder, "head"), "--port", "0"])
      .result();
    assertEquals(second.code, 2, second.stderr);
    assertStringIncludes(second.stderr, `${join(folder, "head")}: another head runs there`);
    await cluster.stop();
    const away = await new RunningCommand("cluster:status", cluster.flags).result();
    assertEquals(away.code, 1);
    assert(away.stderr.includes("was away for 3 s"), away.stderr);
  }));

Deno.test("a worker whose head is gone for good ends itself after its lease", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    const worker = new RunningCommand("worker", [
      ...cluster.flags,
      "--cpus=1",
      "--lease=0.5",
      "--log-dir",
      join(folder, "logs"),
    ]);
    await worker.firstLine();
    const status = () =>
      new RunningCommand("cluster:status", [...cluster.flags, "--json"]).result();
    let joined = false;
    while (!joined) joined = JSON.parse((await status()).stdout).workers.length === 1;
    cluster.head.kill("SIGKILL");
    await cluster.head.result();
    let ended = false;
    worker.result().then(() => ended = true);
    await until("the worker has ended", () => ended, 5_000);
    assertStringIncludes(worker.stderrSoFar, "was away");
  }));

Deno.test("of two workers of one name the newer one stays; the older one says so and ends", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    const older = await cluster.startWorker("--id=alpha");
    const joined = async () =>
      JSON.parse((await cluster.command("cluster:status", "--json").result()).stdout).workers;
    while ((await joined()).length === 0);
    await cluster.startWorker("--id=alpha");
    const { code, stderr } = await older.result();
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "another worker joined under this one's name");
    assertEquals((await joined()).map(({ state }: { state: string }) => state), ["connected"]);
    cluster.workers.shift();
    await cluster.stop();
  }));
