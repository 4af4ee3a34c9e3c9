// A user's program with OpenTelemetry on: runs two tasks in a span of its own, and ends when its standard input does.
import { trace } from "@opentelemetry/api";
import { startEmbeddedCluster } from "../../../cluster/client/mod.ts";

const module = new URL("./tasks.ts", import.meta.url).href;
const configPath = new URL("../../../deno.json", import.meta.url).pathname;
const cluster = await startEmbeddedCluster({ workers: 1, logDir: Deno.args[0], configPath });
await trace.getTracer("user").startActiveSpan("program", async (span) => {
  const { client } = cluster;
  await client.submit({ module, exportName: "traced" }, [1]).result;
  await client.submit({ module, exportName: "failing" }, []).result.catch(() => {});
  span.end();
});
while (await Deno.stdin.read(new Uint8Array(16)) !== null);
await cluster[Symbol.asyncDispose]();
Deno.exit(0);
