import { assertThrows } from "@std/assert";
import { lockState } from "../../../cluster/head/state_lock.ts";
import { UserError } from "../../../src/base/errors.ts";

Deno.test("lockState() lets one head into a folder, and the next one once that has ended", async () => {
  const folder = await Deno.makeTempDir();
  try {
    using _first = lockState(folder);
    assertThrows(() => lockState(folder), UserError, `${folder}: another head runs there`);
    _first[Symbol.dispose]();
    using _second = lockState(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
