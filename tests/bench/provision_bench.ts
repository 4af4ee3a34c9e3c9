/** From `cluster:up` to all workers registered, on 1, 3 and 8 machines in network namespaces, with the time of each
 * phase: `deno run -A tests/bench/provision_bench.ts`. Needs root, Linux and an SSH server; all machines share this one's
 * cores. Prints a line of JSON a size. */
import { readJournal } from "../../provision/journal/journal.ts";
import { withFolder } from "../integration/cli.ts";
import { ProvisionedCluster } from "../integration/provisioned_cluster.ts";
import { sshConfigOf, startMachines } from "../integration/ssh_machines.ts";

const SIZES = [1, 3, 8];
const PHASES = ["ssh", "bootstrapping", "ready"];

/** The time until the last machine came into each phase, from the first line of the journal, and the megabytes that its
 * notes say were sent. */
function measured(dir: string): { secondsUntil: Record<string, number>; sentMb: number } {
  const { events } = readJournal(`${dir}/journal.jsonl`);
  const begunAtMs = events[0].atMs;
  const secondsUntil: Record<string, number> = {};
  let sentMb = 0;
  for (const event of events) {
    if (event.type === "NodeMoved" && PHASES.includes(event.phase)) {
      secondsUntil[event.phase] = (event.atMs - begunAtMs) / 1000;
    }
    if (event.type === "Noted") {
      sentMb += Number(/^sends .*, ([\d.]+) MB$/.exec(event.message)?.[1] ?? 0);
    }
  }
  return { secondsUntil, sentMb };
}

if (import.meta.main) {
  for (const size of SIZES) {
    await withFolder(async (folder) => {
      await using stack = new AsyncDisposableStack();
      const machines = await startMachines(size, stack);
      const cluster = stack.use(new ProvisionedCluster(folder, await sshConfigOf(machines)));
      const begunMs = performance.now();
      await cluster.up();
      const seconds = (performance.now() - begunMs) / 1000;
      const line = JSON.stringify({ machines: size, seconds, ...measured(cluster.dir) });
      Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
      await cluster.down();
    });
  }
}
