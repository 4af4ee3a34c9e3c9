import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { connect } from "../../../cluster/client/mod.ts";
import { Head } from "../../../cluster/head/head.ts";
import { encodeValue } from "../../../src/base/value_codec.ts";
import { NEEDS_MACHINES } from "../../provision/test_machines.ts";
import { scriptedWorker, TOKEN } from "./scripted_worker.ts";

const DISK_MIB = 4;
const TASKS = 40;
/** Some more than a head tries again in. */
const FULL_MS = 1_000;

function run(program: string, ...args: readonly string[]): void {
  const { success } = new Deno.Command(program, { args: [...args] }).outputSync();
  assert(success, `${program} ${args.join(" ")}`);
}

/** Takes the last byte of a disk.
 * @returns what gives all back */
function fill(dir: string): () => void {
  const path = `${dir}/filler`;
  using file = Deno.openSync(path, { write: true, create: true });
  try {
    for (;;) file.writeSync(new Uint8Array(4_096));
  } catch {
    // It is full.
  }
  return () => Deno.removeSync(path);
}

Deno.test({
  name:
    "a head whose disk is full stays, tells nobody what it could not store, says why, and goes on when there is room",
  ...NEEDS_MACHINES,
  fn: async () => {
    const dir = await Deno.makeTempDir();
    run("mount", "-t", "tmpfs", "-o", `size=${DISK_MIB}m`, "tradewind", dir);
    const notices: string[] = [];
    const onNotice = (message: string) => notices.push(message);
    {
      await using head = new Head({ stateDir: `${dir}/head`, token: TOKEN, onNotice });
      const bytes = encodeValue(42);
      const worker = scriptedWorker(head, ({ taskId, attemptId }) => ({
        type: "AttemptsEnded",
        attempts: [{
          taskId,
          attemptId,
          report: { type: "succeeded", durationMs: 1, result: { type: "inline", bytes } },
        }],
      }), { capacity: { cpus: 4 } });
      await using client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
      const submit = () =>
        client.submit<[], number>({ module: "file:///t.ts", exportName: "t" }, []);
      assertEquals(await submit().result, 42);
      const makeRoom = fill(dir);
      let ended = 0;
      const results = Array.from({ length: TASKS }, () => submit().result.finally(() => ended++));
      await delay(FULL_MS);
      assert(ended < TASKS, "what was told is not stored");
      makeRoom();
      assertEquals(await Promise.all(results), Array(TASKS).fill(42));
      await worker.close();
    }
    const told = notices.map((text) => text.replace(dir, "DIR"));
    assertEquals(told, [
      "The disk of DIR/head is full: nothing goes on until there is room",
      "There is room on the disk of DIR/head again: all goes on",
    ]);
    run("umount", dir);
    await Deno.remove(dir);
  },
});
