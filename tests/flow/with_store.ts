import { join } from "@std/path";
import { type FlowStore, openFlowStore } from "../../src/flow/mod.ts";

/** Lets `use` have a new store in a folder of its own, and removes both. */
export async function withStore(
  use: (store: FlowStore, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    using store = openFlowStore(join(folder, "flow.sqlite"));
    await use(store, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
