import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { connect } from "../../cluster/client/mod.ts";
import type { Stamp } from "./chaos/tasks.ts";
import { testWithS3, VERSITYGW } from "../lakehouse/s3/servers.ts";
import { RunningCommand, withFolder } from "./cli.ts";

const TASKS = 60;
const TOKEN = "the token of a test of heads";

testWithS3(
  "a head that is lost with its disk is followed by the one that stood by, from S3 alone: workers and clients go on there, and every task has its result",
  ({ bucket, env }) =>
    withFolder(async (folder) => {
      const failover = `s3://${bucket}/clusters`;
      const startHead = (name: string) => {
        const dir = join(folder, name);
        Deno.mkdirSync(dir);
        Deno.writeTextFileSync(`${dir}/token`, TOKEN, { mode: 0o600 });
        return new RunningCommand("head", [
          ...["--dir", dir, "--port", "0", "--failover", failover, "--json"],
        ], { env });
      };
      const first = startHead("first");
      await first.firstLine();
      const second = startHead("second");
      await second.says("Stands by");
      const follow = new RunningCommand("head:follow", ["--failover", failover, "--port", "0"], {
        env,
      });
      const headUrl = await follow.firstLine();
      const worker = new RunningCommand("worker", [
        ...["--head", headUrl, "--token-file", join(folder, "first/token"), "--cpus=2"],
        ...["--log-dir", join(folder, "logs")],
      ]);
      await worker.firstLine();
      {
        await using client = connect({ headUrl, token: TOKEN, patienceMs: 120_000 });
        const stamp = { module: new URL("./chaos/tasks.ts", import.meta.url).href };
        const handles = Array.from(
          { length: TASKS },
          (_, n) =>
            client.submit<[number, number], Stamp>({ ...stamp, exportName: "stamp" }, [n, 200], {}),
        );
        await handles[0].result;
        first.kill("SIGKILL");
        await first.result();
        await Deno.remove(join(folder, "first"), { recursive: true });
        const results = await Promise.all(handles.map(({ result }) => result));
        assertEquals(results.map(({ square }) => square), handles.map((_, n) => n * n));
      }
      for (const command of [worker, second, follow]) command.kill("SIGTERM");
      const ends = await Promise.all([worker, second, follow].map((command) => command.result()));
      assertEquals(
        ends.map(({ code }) => code),
        [0, 0, 0],
        ends.map((end) => end.stderr).join("\n"),
      );
    }),
  [VERSITYGW],
);
