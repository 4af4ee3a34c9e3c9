import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type HeapItem, IndexedHeap } from "../../../cluster/scheduler/indexed_heap.ts";

interface Entry extends HeapItem {
  readonly id: number;
  key: number;
}

Deno.test("the heap gives the least item first, whatever was placed, moved and removed", () => {
  const operations = fc.array(fc.tuple(fc.nat(30), fc.nat(9), fc.boolean()), { maxLength: 200 });
  fc.assert(fc.property(operations, (steps) => {
    const before = (a: Entry, b: Entry): boolean =>
      a.key < b.key || (a.key === b.key && a.id < b.id);
    const heap = new IndexedHeap<Entry>(before);
    const entries = Array.from(
      { length: 31 },
      (_, id): Entry => ({ id, key: 0, heapPosition: -1 }),
    );
    const inside = new Set<Entry>();
    for (const [id, key, isRemoval] of steps) {
      const entry = entries[id];
      if (isRemoval) {
        heap.remove(entry);
        inside.delete(entry);
      } else {
        entry.key = key;
        heap.place(entry);
        inside.add(entry);
      }
      const expected = [...inside].sort((a, b) => before(a, b) ? -1 : 1)[0];
      assertEquals(heap.peek(), expected);
      assertEquals(heap.size, inside.size);
    }
    for (const entry of entries) assertEquals(entry.heapPosition >= 0, inside.has(entry));
  }));
});
