// A process with an embedded cluster whose only executor never gives way; says the executor's process id.
import { startEmbeddedCluster } from "../../../cluster/client/mod.ts";

const MODULE = new URL("./tasks.ts", import.meta.url).href;

const cluster = await startEmbeddedCluster({ workers: 1, logDir: Deno.args[0] });
await cluster.client.submit({ module: MODULE, exportName: "add" }, [1, 2]).result;
const spinning = cluster.client.submit({ module: MODULE, exportName: "spin" }, []).result;
spinning.catch(() => {});
while ((await cluster.client.status()).tasks.running === 0);
await Deno.stdout.write(new TextEncoder().encode(String(cluster.executorPids()[0])));
await spinning;
