import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { connect } from "../../cluster/client/mod.ts";
import { NEEDS_MACHINES } from "../provision/test_machines.ts";
import type { Stamp } from "./chaos/tasks.ts";
import { processesOf, RunningCommand, until, withFolder } from "./cli.ts";
import { ProvisionedCluster, type UpOutcome } from "./provisioned_cluster.ts";
import { sshConfigOf, startMachines } from "./ssh_machines.ts";

const PATIENCE_MS = 60_000;

Deno.test(
  "a cluster whose folder is lost is adopted from its mirror: the same node, the same daemon, the same results, and nothing is left of it",
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
      const result = await onceComputed(before);
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
      assertEquals(await onceComputed(after), result);

      await cluster.down();
      assertEquals(machine.processes(), []);
      assertEquals([...Deno.readDirSync(`${machine.dir}/disk`)], []);
    }),
);

/** A task of which the head knows by its key that it has ended: its result bears another mark each time that it runs. */
async function onceComputed({ head, token_file }: UpOutcome): Promise<Stamp> {
  const token = (await Deno.readTextFile(token_file)).trim();
  await using client = connect({ headUrl: head, token });
  const module = new URL("./chaos/tasks.ts", import.meta.url).href;
  const task = { module, exportName: "stamp" };
  return await client.submit<[number, number], Stamp>(task, [7, 1], { idempotencyKey: "once" })
    .result;
}
