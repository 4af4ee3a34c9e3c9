/** What an {@linkcode IndexedHeap} holds: an item knows its place, −1 while it is in none. One heap at a time. */
export interface HeapItem {
  /** Its place in the heap; −1 while it is in none. */
  heapPosition: number;
}

/** A binary min-heap whose items can be moved and removed from the middle in O(log n). */
export class IndexedHeap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** An empty heap.
   * @param before a strict total order, so that the outcome does not depend on the history of the heap */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  /** How many items it holds. */
  get size(): number {
    return this.#items.length;
  }

  /** The first item, or undefined when there is none. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item in, or mends its place after its order changed. */
  place(item: T): void {
    let position = item.heapPosition;
    if (position < 0) {
      position = this.#items.length;
      this.#items.push(item);
    }
    if (!this.#rise(item, position)) this.#sink(item, position);
  }

  /** Takes an item out; nothing happens when it is not in. */
  remove(item: T): void {
    const position = item.heapPosition;
    if (position < 0) return;
    item.heapPosition = -1;
    const last = this.#items.pop() as T;
    if (last === item) return;
    last.heapPosition = position;
    if (!this.#rise(last, position)) this.#sink(last, position);
  }

  /** The items in no particular order, for checks. */
  values(): readonly T[] {
    return this.#items;
  }

  #rise(item: T, start: number): boolean {
    const items = this.#items;
    let position = start;
    while (position > 0) {
      const parentPosition = (position - 1) >> 1;
      const parent = items[parentPosition];
      if (!this.#before(item, parent)) break;
      items[position] = parent;
      parent.heapPosition = position;
      position = parentPosition;
    }
    items[position] = item;
    item.heapPosition = position;
    return position !== start;
  }

  #sink(item: T, start: number): void {
    const items = this.#items;
    let position = start;
    for (;;) {
      let childPosition = 2 * position + 1;
      if (childPosition >= items.length) break;
      const right = childPosition + 1;
      if (right < items.length && this.#before(items[right], items[childPosition])) {
        childPosition = right;
      }
      const child = items[childPosition];
      if (!this.#before(child, item)) break;
      items[position] = child;
      child.heapPosition = position;
      position = childPosition;
    }
    items[position] = item;
    item.heapPosition = position;
  }
}
