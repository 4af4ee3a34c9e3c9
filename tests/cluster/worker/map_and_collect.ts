// Maps a file six times as an executor does for six tasks, and prints how many mappings there were at a time, and are
// left. Run by mapped_garbage_test.ts, as V8's collector is given to a process at its start.
import { readMapped } from "../../../cluster/objects/map_file.ts";
import { collectMapped } from "../../../cluster/worker/mapped_garbage.ts";

const [path] = Deno.args;

function mappings(): number {
  return Deno.readTextFileSync("/proc/self/maps").split(path).length - 1;
}

function read(): number {
  return readMapped(path)[0];
}

/** What the collector finds is unmapped in a turn of its own; without a collector nobody comes to it. */
async function unmapped(): Promise<void> {
  const deadlineMs = performance.now() + ("collectTradewindGarbage" in globalThis ? 20_000 : 0);
  do await new Promise((resolve) => setTimeout(resolve, 0)); while (
    mappings() > 0 && performance.now() < deadlineMs
  );
}

let most = 0;
for (let task = 0; task < 6; task++) {
  read();
  most = Math.max(most, mappings());
  collectMapped();
  await unmapped();
}
// deno-lint-ignore no-console -- the test reads it
console.log(JSON.stringify({ most, last: mappings() }));
