import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CommandCluster } from "./command_cluster.ts";
import { RunningCommand, withFolder } from "./cli.ts";

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly found: string;
}

Deno.test("doctor runs a task on each worker of a healthy cluster, and says what is wrong with another token", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    await cluster.startWorker("--id=left");
    await cluster.startWorker("--id=right");
    await using client = cluster.connect();
    while ((await client.status()).workers.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const healthy = await cluster.command("doctor", "--json").result();
    const findings = JSON.parse(healthy.stdout).cluster as Finding[];
    assertEquals(findings.filter(({ level }) => level !== "ok"), []);
    const nodes = findings.filter(({ check }) => check.startsWith("node "));
    assertEquals(nodes.map(({ check }) => check).sort(), ["node left", "node right"]);
    for (const { found } of nodes) assertStringIncludes(found, "ran a task in");

    const wrong = join(folder, "wrong");
    await Deno.writeTextFile(wrong, "another token", { mode: 0o600 });
    const refused = await new RunningCommand("doctor", [
      ...["--head", cluster.address.url, "--token-file", wrong],
    ]).result();
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stdout, `error    token    the one in ${wrong} is refused`);
    assertStringIncludes(refused.stdout, "→ The head says at its start where its token is");
    await cluster.stop();
  }));
