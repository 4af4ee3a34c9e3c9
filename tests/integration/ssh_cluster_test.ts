import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { NEEDS_MACHINES } from "../provision/test_machines.ts";
import { processesOf, productionSummary, startProduction, until, withFolder } from "./cli.ts";
import { writeManifest } from "./manifest.ts";
import { ProvisionedCluster } from "./provisioned_cluster.ts";
import { assertSameResults } from "./same_results.ts";
import { sshConfigOf, startMachines } from "./ssh_machines.ts";

const PATIENCE_MS = 120_000;

Deno.test(
  "three machines of the user become a cluster, a run on them survives that one is cut off, and nothing is left",
  NEEDS_MACHINES,
  () =>
    withFolder(async (folder) => {
      await using stack = new AsyncDisposableStack();
      const machines = await startMachines(3, stack);
      const cluster = stack.use(new ProvisionedCluster(folder, await sshConfigOf(machines)));
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
