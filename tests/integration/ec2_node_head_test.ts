import { assert, assertEquals } from "@std/assert";
import { connect } from "../../cluster/client/mod.ts";
import { Ec2Machines, ROLE_KEY } from "../provision/providers/ec2_machines.ts";
import { TestEc2 } from "../provision/providers/test_ec2.ts";
import { NEEDS_MACHINES, packageCache, sharedAddress } from "../provision/test_machines.ts";
import { processesOf, until, withFolder } from "./cli.ts";
import { ProvisionedCluster } from "./provisioned_cluster.ts";

const PATIENCE_MS = 120_000;

const CONFIG = {
  name: "inside",
  provider: "aws",
  head: "node",
  workers: { min: 0, max: 3, wanted: 2, cpus: 1 },
  autostop_minutes: 0.2,
  aws: {
    regions: ["eu-central-1"],
    ssh_from: ["10.231.0.0/16"],
    market: "spot",
    head_profile: "tradewind-head",
  },
};

Deno.test(
  "a head on a bought node buys the others by its own role, replaces them and ends all, itself last, while this machine is away",
  NEEDS_MACHINES,
  () =>
    withFolder(async (folder) => {
      await using stack = new AsyncDisposableStack();
      const { address } = stack.use(sharedAddress());
      const ec2 = stack.use(new TestEc2({ ms: 0, nowMs: () => Date.now() }, address));
      const machines = stack.use(new Ec2Machines(ec2, await packageCache()));
      const cluster = stack.use(
        new ProvisionedCluster(folder, CONFIG, {
          AWS_ENDPOINT_URL: ec2.url,
          AWS_ACCESS_KEY_ID: "AKIATEST",
          AWS_SECRET_ACCESS_KEY: "secret",
        }),
      );
      const launches = () =>
        ec2.calls.filter(({ action, params }) => action === "CreateFleet" && !params.has("DryRun"))
          .map(({ accessKey }) => accessKey);

      const { head, token_file, nodes } = await cluster.up();
      assertEquals(nodes.map(({ phase }) => phase), ["ready", "ready"]);
      assertEquals(launches(), ["AKIATEST", ROLE_KEY]);
      const [first, second] = ec2.alive();
      assertEquals([first.spot, first.profile], [false, "tradewind-head"]);
      assertEquals([second.spot, second.profile], [true, ""]);
      const groups = [...ec2.groups.values()];
      assertEquals(groups.map(({ openWithin }) => openWithin), [true]);
      assertEquals(groups.map(({ open }) => [...open]), [["10.231.0.0/16"]]);
      {
        const token = (await Deno.readTextFile(token_file)).trim();
        await using client = connect({ headUrl: head, token });
        const module = new URL("./up_tasks.ts", import.meta.url).href;
        assertEquals(await client.submit({ module, exportName: "half" }, [84]).result, 42);
      }

      Deno.kill(cluster.keeperPid(), "SIGKILL");
      await until("nothing runs here", () => processesOf(cluster.dir).length === 0, PATIENCE_MS);
      machines.of(second.id).giveNotice();
      await until("another is bought", () => launches().length === 3, PATIENCE_MS);
      assertEquals(launches()[2], ROLE_KEY);
      await until("all have ended", () => ec2.alive().length === 0, PATIENCE_MS);
      assertEquals([ec2.groups.size, ec2.templates.size], [0, 0]);
      const ends = ec2.calls.filter(({ action }) => action === "TerminateInstances");
      assertEquals(ends.at(-1)?.params.get("InstanceId.1"), first.id);
      assert(ends.every(({ accessKey }) => accessKey === ROLE_KEY));

      const { code, stdout, stderr } = await cluster.command("cluster:down").result();
      assertEquals([code, stdout], [0, "Nothing is left of inside.\n"], stderr);
      await until("nothing runs here", () => processesOf(cluster.dir).length === 0, PATIENCE_MS);
    }),
);
