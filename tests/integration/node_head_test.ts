import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../../cluster/client/mod.ts";
import { NEEDS_MACHINES, type TestMachine } from "../provision/test_machines.ts";
import { processesOf, until, withFolder } from "./cli.ts";
import { ProvisionedCluster } from "./provisioned_cluster.ts";
import { sshConfigOf, startMachines } from "./ssh_machines.ts";

const PATIENCE_MS = 120_000;

Deno.test(
  "a head on a node goes on without this machine, is found again with what it has, and nothing is left of it",
  NEEDS_MACHINES,
  () =>
    withFolder(async (folder) => {
      await using stack = new AsyncDisposableStack();
      const machines = await startMachines(2, stack);
      // Each machine of the user lets the same key in, so that the node with the head reaches the other one.
      const cluster = stack.use(
        new ProvisionedCluster(folder, { ...await sshConfigOf(machines), head: "node" }),
      );
      const { head, token_file } = await cluster.up();
      const keepers = () =>
        machines.map((machine) =>
          machine.processes().filter((text) => text.includes("cluster_keeper.ts")).length > 0
        );
      assertEquals(keepers().filter(Boolean).length, 1);
      const token = (await Deno.readTextFile(token_file)).trim();
      const call = { module: new URL("./up_tasks.ts", import.meta.url).href, exportName: "half" };
      {
        await using client = connect({ headUrl: head, token });
        assertEquals(await client.submit(call, [84], { idempotencyKey: "k" }).result, 42);
      }
      Deno.kill(cluster.keeperPid(), "SIGKILL");
      await until("nothing runs here", () => processesOf(cluster.dir).length === 0, PATIENCE_MS);
      const stopped = await cluster.command("cluster:status").result();
      assertStringIncludes(stopped.stdout, "no keeper runs");

      const again = await cluster.up();
      assertEquals(again.nodes.map(({ phase }) => phase), ["ready", "ready"]);
      {
        await using client = connect({ headUrl: again.head, token });
        assertEquals((await client.status()).tasks.succeeded, 1);
        assertEquals(await client.submit(call, [2], {}).result, 1);
      }
      await cluster.down();
      await until("nothing runs here", () => processesOf(cluster.dir).length === 0, PATIENCE_MS);
      assertNothingLeft(machines);
    }),
);

Deno.test(
  "a head on a node ends all nodes, its own last, when nothing was to do and this machine is away",
  NEEDS_MACHINES,
  () =>
    withFolder(async (folder) => {
      await using stack = new AsyncDisposableStack();
      const machines = await startMachines(2, stack);
      const config = { ...await sshConfigOf(machines), head: "node", autostop_minutes: 0.2 };
      const cluster = stack.use(new ProvisionedCluster(folder, config));
      await cluster.up();
      Deno.kill(cluster.keeperPid(), "SIGKILL");
      const isLeft = ({ dir }: TestMachine) => [...Deno.readDirSync(`${dir}/disk`)].length > 0;
      await until("nothing is left", () => !machines.some(isLeft), PATIENCE_MS);
      await until(
        "nothing runs",
        () => machines.every((machine) => machine.processes().length === 0),
        PATIENCE_MS,
      );
      assertNothingLeft(machines);
      const { code, stdout, stderr } = await cluster.command("cluster:down").result();
      assertEquals([code, stdout.startsWith("Nothing is left of")], [0, true], stderr);
    }),
);

function assertNothingLeft(machines: readonly TestMachine[]): void {
  for (const machine of machines) {
    assertEquals(machine.processes(), []);
    assertEquals(machine.listeningPorts(), []);
    assertEquals([...Deno.readDirSync(`${machine.dir}/disk`)], []);
  }
}
