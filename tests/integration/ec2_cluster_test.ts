import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Ec2Machines } from "../provision/providers/ec2_machines.ts";
import { TestEc2 } from "../provision/providers/test_ec2.ts";
import { NEEDS_MACHINES, packageCache } from "../provision/test_machines.ts";
import { processesOf, productionSummary, startProduction, until, withFolder } from "./cli.ts";
import { writeManifest } from "./manifest.ts";
import { ProvisionedCluster } from "./provisioned_cluster.ts";
import { assertSameResults } from "./same_results.ts";

const PATIENCE_MS = 120_000;

const CONFIG = {
  name: "cloud",
  provider: "aws",
  workers: { max: 2, cpus: 1 },
  aws: { regions: ["eu-central-1"], ssh_from: ["10.231.0.0/16"] },
};

/** By which the AWS SDK of every command finds the test's EC2. */
function accessTo(ec2: TestEc2): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: ec2.url,
    AWS_ACCESS_KEY_ID: "AKIATEST",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
}

Deno.test(
  "bought machines become a cluster, one is taken back in the middle of a run and replaced in seconds, and nothing is left",
  NEEDS_MACHINES,
  () =>
    withFolder(async (folder) => {
      await using stack = new AsyncDisposableStack();
      const ec2 = stack.use(new TestEc2({ ms: 0, nowMs: () => Date.now() }));
      const machines = stack.use(new Ec2Machines(ec2, await packageCache()));
      const cluster = stack.use(new ProvisionedCluster(folder, CONFIG, accessTo(ec2)));
      const manifest = await writeManifest(folder, {
        backtest: { engines: ["clustered", "flat"] },
      });
      const localOut = join(folder, "local");
      const local = await productionSummary(["--manifest", manifest, "--out", localOut]);

      const { nodes } = await cluster.up();
      assertEquals(nodes.map(({ phase }) => phase), ["ready", "ready"]);
      const out = join(folder, "out");
      const run = startProduction([
        ...["--cluster", cluster.dir, "--manifest", manifest, "--out", out, "--json"],
      ]);
      await run.says("optimise");
      const [taken] = ec2.alive();
      const noticeAtMs = Date.now();
      machines.of(taken.id).giveNotice();
      const launches = () =>
        ec2.calls.filter(({ action, params, atMs }) =>
          action === "CreateFleet" && !params.has("DryRun") && atMs >= noticeAtMs
        );
      await until("a replacement is asked for", () => launches().length > 0, PATIENCE_MS);
      const waitedMs = launches()[0].atMs - noticeAtMs;
      assert(waitedMs <= 5_000, `a replacement was asked for after ${waitedMs} ms`);

      const { code, stdout, stderr } = await run.result();
      assertEquals(code, 0, stderr);
      const { run_id: runId } = JSON.parse(stdout);
      await assertSameResults({ out: localOut, runId: local.run_id }, { out, runId });
      await until("the drained machine has ended", () => taken.state === "terminated", PATIENCE_MS);
      await cluster.up();
      assertEquals(ec2.alive().length, 2);

      await cluster.down();
      assertEquals([ec2.alive().length, ec2.groups.size, ec2.templates.size], [0, 0, 0]);
      await until("no process is left", () => processesOf(cluster.dir).length === 0, PATIENCE_MS);
    }),
);
