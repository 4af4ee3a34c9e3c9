// Cells for `deno repl` or a Jupyter kernel (deno jupyter --install) that was started in this folder.
import { remote, startEmbeddedCluster } from "tradewind";
// What workers run is an export of a module.
import { meanReturn } from "./notebook_functions.ts";

const cluster = await startEmbeddedCluster({ workers: 2, logDir: "artifacts/logs" });
const module = new URL("notebook_functions.ts", `file://${Deno.cwd()}/`).href;

const paths = [[100, 110, 121], [100, 90, 99], [100, 100, 100]];
const means = await Array.fromAsync(cluster.client.map(remote(module, meanReturn), paths));
console.log(means.map((mean) => mean.toFixed(3)).join(" "));

await cluster[Symbol.asyncDispose]();
