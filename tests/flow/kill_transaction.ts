// A program for transaction_test.ts: runs a transaction of three tasks, each of which notes in a file what it does and
// undoes. Told to hang, it says so on its standard output before the third, and waits to be killed.
import { flow, openFlowStore, task, transaction } from "../../src/flow/mod.ts";

const [storePath, notesPath, mode] = Deno.args as [string, string, string];

async function note(text: string): Promise<void> {
  await Deno.writeTextFile(notesPath, `${text}\n`, { append: true });
}

const order = task("order", async (what: string) => {
  await note(`do ${what}`);
  return what;
}, {
  run: "local",
  module: import.meta.url,
  onRollback: (what) => note(`undo ${what}`),
});

const orders = flow("orders", () =>
  transaction("t", async () => {
    await order("a");
    await order("b");
    if (mode === "hang") {
      await Deno.stdout.write(new TextEncoder().encode("hanging\n"));
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    await order("c");
  }));

using store = openFlowStore(storePath);
await orders.run([], { store, runId: "killed" });
