import { assert, assertEquals } from "@std/assert";
import { Head } from "../../../cluster/head/head.ts";
import { ROOT } from "../../structure/sources.ts";
import { withFolder } from "../cli.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { Witness } from "./witness.ts";

const TOKEN = "the token of a test";
const UNAVAILABLE = NetworkNamespace.unavailable();
const REASON = UNAVAILABLE === undefined ? "" : ` (skipped: ${UNAVAILABLE})`;

/** A worker in a network of its own. */
function startWorker(namespace: NetworkNamespace, port: number, folder: string): Deno.ChildProcess {
  const [program, args] = namespace.command(Deno.execPath(), [
    "run",
    "--quiet",
    "-A",
    `${ROOT}src/cli/worker.ts`,
    "--head",
    `http://${namespace.hostAddress}:${port}`,
    "--token-file",
    `${folder}/token`,
    "--cpus=2",
  ]);
  const env = { TMPDIR: folder };
  return new Deno.Command(program, { args, env, stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
}

async function metrics(head: Head): Promise<Map<string, number>> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const port = new URL(head.url).port;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text();
  return new Map(
    text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
  );
}

async function untilMetrics(
  head: Head,
  holds: (metrics: ReadonlyMap<string, number>) => boolean,
): Promise<void> {
  const deadlineMs = performance.now() + 40_000;
  for (;;) {
    const found = await metrics(head);
    if (holds(found)) return;
    if (performance.now() > deadlineMs) throw new Error(`Not within 40 s: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const connected = (found: ReadonlyMap<string, number>) =>
  found.get('tradewind_workers{state="connected"}');

Deno.test({
  name:
    `a worker behind a cut cable loses its tasks to another, comes back, and no result counts twice${REASON}`,
  ignore: UNAVAILABLE !== undefined,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/token`, TOKEN);
      using cutOff = new NetworkNamespace(0);
      using other = new NetworkNamespace(1);
      await using head = new Head({
        stateDir: `${folder}/head`,
        token: TOKEN,
        hostname: "0.0.0.0",
        limits: { silentAfterMs: 1_500, reconnectGraceMs: 500 },
      });
      const port = Number(new URL(head.url).port);
      const workers = [cutOff, other].map((namespace) => startWorker(namespace, port, folder));
      try {
        await untilMetrics(head, (found) => connected(found) === 2);
        const witness = new Witness(`http://127.0.0.1:${port}`, TOKEN);
        // Long enough that some run on the worker that is cut off, and end there while nobody hears of it.
        witness.submit(Array.from({ length: 60 }, (_, i) => 100 + i * 5));
        await untilMetrics(
          head,
          (found) => (found.get('tradewind_resource_reserved{resource="cpus"}') ?? 0) === 4,
        );
        cutOff.cut();
        await untilMetrics(head, (found) => connected(found) === 1);
        await witness.allEnded(60_000);
        cutOff.mend();
        await untilMetrics(head, (found) => connected(found) === 2);
        assertEquals(witness.complaints(), []);
        const found = await metrics(head);
        assert((found.get('tradewind_attempts_ended_total{end="lost"}') ?? 0) >= 1);
        assertEquals(found.get('tradewind_tasks_ended_total{outcome="succeeded"}'), 60);
        await witness[Symbol.asyncDispose]();
        await untilMetrics(
          head,
          (found) =>
            found.get('tradewind_resource_reserved{resource="cpus"}') === 0 &&
            found.get("tradewind_attempts_in_flight") === 0,
        );
      } finally {
        for (const worker of workers) worker.kill("SIGTERM");
        await Promise.all(workers.map(({ status }) => status));
      }
    }),
});
