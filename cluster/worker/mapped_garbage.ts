import { bytesMappedSoFar } from "../objects/map_file.ts";

/** Objects of so many bytes are mapped before garbage is collected. */
const COLLECT_EVERY_BYTES = 8 * 2 ** 20;

type Collect = (options: { readonly type: "minor" }) => void;

/** V8's collector, under the name that executors are started with. */
const { collectTradewindGarbage: collect } = globalThis as { collectTradewindGarbage?: Collect };
let collectedAtBytes = 0;

/** Lets go of the objects that ended tasks have read, once those are large. V8 would come to it when its own heap is full,
 * or, told of ever more memory, look through all of its heap; until then the pages of every array that was read count as
 * this process's. What a task has just read is young: to look through the young part of the heap is enough. */
export function collectMapped(): void {
  if (bytesMappedSoFar() - collectedAtBytes < COLLECT_EVERY_BYTES) return;
  collectedAtBytes = bytesMappedSoFar();
  collect?.({ type: "minor" });
}
