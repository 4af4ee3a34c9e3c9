import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";

const isLinux = Deno.build.os === "linux";

Deno.test({
  name: "an executor in the middle of a computation ends with the process that started its cluster",
  ignore: !isLinux,
  async fn() {
    const folder = await Deno.makeTempDir();
    const program = new URL("./spinning_cluster.ts", import.meta.url).pathname;
    const parent = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", program, folder],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const output = parent.stdout.getReader();
    try {
      const { value } = await output.read();
      const executorPid = Number(new TextDecoder().decode(value));
      assert(isRunning(executorPid));
      parent.kill("SIGKILL");
      await parent.status;
      for (let waited = 0; isRunning(executorPid) && waited < 20_000; waited += 50) await delay(50);
      assertEquals(isRunning(executorPid), false);
    } finally {
      await output.cancel();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** A process that ended and that nobody has waited for yet is no more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
