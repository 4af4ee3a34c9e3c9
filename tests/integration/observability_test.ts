import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { ChromeTrace } from "../../src/cli/timeline/chrome_trace.ts";
import { connect } from "../../cluster/client/mod.ts";
import { RunningCommand, withFolder } from "./cli.ts";

const MODULE = new URL("./chaos/tasks.ts", import.meta.url).href;

Deno.test("a head logs JSON lines, and its tasks are seen by cluster:timeline and cluster:task", () =>
  withFolder(async (folder) => {
    const head = new RunningCommand("head", [
      "--dir",
      join(folder, "head"),
      "--port=0",
      "--json",
      "--log-format=json",
      "--fsync=always",
    ]);
    const { url, token_file } = JSON.parse(await head.firstLine());
    const flags = ["--head", url, "--token-file", token_file];
    const worker = new RunningCommand("worker", [...flags, "--cpus=1"]);
    const token = (await Deno.readTextFile(token_file)).trim();
    const client = connect({ headUrl: url, token });
    const tasks = [1, 2].map((n) => client.submit({ module: MODULE, exportName: "stamp" }, [n, 5]));
    await Promise.all(tasks.map(({ result }) => result));
    await (await fetch(`${url}/metrics`)).body?.cancel();

    const out = join(folder, "trace.json");
    const timeline = await new RunningCommand("cluster:timeline", [...flags, "--out", out])
      .result();
    assertEquals(timeline.code, 0, timeline.stderr);
    assertStringIncludes(timeline.stdout, "2 attempts on 1 nodes");
    const trace: ChromeTrace = JSON.parse(await Deno.readTextFile(out));
    const slices = trace.traceEvents.flatMap((event) => event.ph === "X" ? [event] : []);
    assertEquals(slices.map(({ name, cat }) => [name, cat]), [
      ["stamp", "succeeded"],
      ["stamp", "succeeded"],
    ]);
    assert(slices.every(({ dur }) => dur >= 4_000));

    const shown = await new RunningCommand("cluster:task", [...flags, tasks[0].taskId]).result();
    assertEquals(shown.code, 0, shown.stderr);
    assertStringIncludes(shown.stdout, "succeeded");
    const unknown = await new RunningCommand("cluster:task", [...flags, "none"]).result();
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.stderr, "No task none is known here");

    const view = await new RunningCommand("cluster:view", [...flags, "attempts?limit=1"]).result();
    assertEquals(view.code, 0, view.stderr);
    assertStringIncludes(view.stdout, "total   2");
    assertStringIncludes(view.stdout, "rows (1)");
    const wrong = await new RunningCommand("cluster:view", [...flags, "attempts?colour=red"])
      .result();
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, "Cannot take colour");

    await client[Symbol.asyncDispose]();
    for (const command of [worker, head]) command.kill("SIGTERM");
    await worker.result();
    const [line] = (await head.result()).stderr.split("\n");
    const { time, ...notice } = JSON.parse(line);
    assert(!Number.isNaN(Date.parse(time)));
    assertEquals(notice, {
      level: "warning",
      event: "request_refused",
      message: "Refused GET /metrics: the token is missing or wrong",
    });
  }));
