import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { NEEDS_MACHINES, packageCache, TestMachine } from "../provision/test_machines.ts";
import { processesOf, productionSummary, startProduction, until, withFolder } from "./cli.ts";
import { writeManifest } from "./manifest.ts";
import { ProvisionedCluster } from "./provisioned_cluster.ts";
import { assertSameResults } from "./same_results.ts";

const PATIENCE_MS = 60_000;

async function startMachines(count: number, stack: AsyncDisposableStack): Promise<TestMachine[]> {
  const packages = await packageCache();
  const machines: TestMachine[] = [];
  for (let k = 0; k < count; k++) machines.push(stack.use(await TestMachine.start({ packages })));
  return machines;
}

async function configOf(machines: readonly TestMachine[]): Promise<object> {
  const hosts = await Promise.all(machines.map(async ({ address, hostKey, userKey, dir }) => {
    const identity_file = join(dir, "identity");
    await Deno.writeTextFile(identity_file, userKey.privateKey, { mode: 0o600 });
    return { host: address, user: "root", identity_file, host_key: hostKey.publicKey };
  }));
  const workers = { max: machines.length, cpus: 1 };
  return { name: "boxes", provider: "ssh", workers, ssh: { hosts } };
}

Deno.test(
  "three machines of the user become a cluster, a run on them survives that one is cut off, and nothing is left",
  NEEDS_MACHINES,
  () =>
    withFolder(async (folder) => {
      await using stack = new AsyncDisposableStack();
      const machines = await startMachines(3, stack);
      const cluster = stack.use(new ProvisionedCluster(folder, await configOf(machines)));
      const manifest = await writeManifest(folder, {
        backtest: { engines: ["clustered", "flat"] },
      });
      const localOut = join(folder, "local");
      const local = await productionSummary(["--manifest", manifest, "--out", localOut]);

      const { nodes } = await cluster.up();
      assertEquals(nodes.map(({ phase }) => phase), ["ready", "ready", "ready"]);
      const out = join(folder, "out");
      const run = startProduction([
        ...["--cluster", cluster.dir, "--manifest", manifest, "--out", out, "--json"],
      ]);
      await run.says("optimise");
      machines[1].cutOff();
      const { code, stdout, stderr } = await run.result();
      assertEquals(code, 0, stderr);
      const { run_id: runId } = JSON.parse(stdout);
      await assertSameResults({ out: localOut, runId: local.run_id }, { out, runId });

      // The run did need the machine: it ended only after what that had was given to others.
      const status = await cluster.command("cluster:status", "--json").result();
      const states = JSON.parse(status.stdout).workers.map(({ state }: { state: string }) => state);
      assertEquals(states.filter((state: string) => state !== "connected").length, 1);

      machines[1].reconnect();
      await cluster.down();
      await until("no process is left", () => processesOf(cluster.dir).length === 0, PATIENCE_MS);
      for (const machine of machines) {
        assertEquals(machine.processes(), []);
        assertEquals(machine.listeningPorts(), []);
        assertEquals([...Deno.readDirSync(`${machine.dir}/disk`)], []);
        assertEquals([...Deno.readDirSync(`${machine.dir}/home`)], []);
      }
    }),
);
