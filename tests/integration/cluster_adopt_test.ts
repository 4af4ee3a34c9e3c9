import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { NEEDS_MACHINES } from "../provision/test_machines.ts";
import { processesOf, RunningCommand, until, withFolder } from "./cli.ts";
import { ProvisionedCluster } from "./provisioned_cluster.ts";
import { sshConfigOf, startMachines } from "./ssh_machines.ts";

const PATIENCE_MS = 60_000;

Deno.test(
  "a cluster whose folder is lost is adopted from its mirror: the same node, the same daemon, and nothing is left of it",
  NEEDS_MACHINES,
  () =>
    withFolder(async (folder) => {
      await using stack = new AsyncDisposableStack();
      const [machine] = await startMachines(1, stack);
      const mirror = join(folder, "mirror");
      const config = { ...await sshConfigOf([machine]), mirror };
      const cluster = stack.use(new ProvisionedCluster(folder, config));
      const before = await cluster.up();
      const daemon = () => machine.processes().filter((text) => text.includes("worker.ts"));
      assertEquals(daemon().length, 1);
      // Another folder of the same cluster is refused while this one is kept.
      const adopt = () =>
        new RunningCommand("cluster:adopt", ["boxes", "--from", mirror, "--dir", cluster.dir])
          .result();
      const early = await adopt();
      assertEquals(early.code, 2);
      assertStringIncludes(early.stderr, "is kept from");

      Deno.kill(cluster.keeperPid(), "SIGTERM");
      await until("the keeper has ended", () => processesOf(cluster.dir).length === 0, PATIENCE_MS);
      await Deno.remove(cluster.dir, { recursive: true });
      const { code, stdout, stderr } = await adopt();
      assertEquals(code, 0, stderr);
      assertStringIncludes(stdout, `${before.nodes[0].node}  ready`);
      const after = await cluster.up();
      assertEquals(after.nodes, before.nodes);
      assertEquals(daemon().length, 1);

      await cluster.down();
      assertEquals(machine.processes(), []);
      assertEquals([...Deno.readDirSync(`${machine.dir}/disk`)], []);
    }),
);
