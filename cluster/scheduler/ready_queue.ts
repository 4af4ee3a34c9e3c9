import { type HeapItem, IndexedHeap } from "./indexed_heap.ts";
import type { Task } from "./state.ts";
import { TaskList } from "./task_list.ts";

/** The ready tasks of one priority: those that had been assigned before go first. */
interface PriorityBucket extends HeapItem {
  readonly priority: number;
  readonly returned: TaskList;
  readonly fresh: TaskList;
}

/** The ready tasks of one shape: the highest priority first, first come first served within it. All operations cost
 * O(log of the distinct priorities), whatever the number of tasks. */
export class ReadyQueue {
  readonly #buckets = new Map<number, PriorityBucket>();
  readonly #order = new IndexedHeap<PriorityBucket>((a, b) => a.priority > b.priority);
  #size = 0;

  /** How many tasks it holds. */
  get size(): number {
    return this.#size;
  }

  /** The task that is next, or undefined when there is none. */
  peek(): Task | undefined {
    const bucket = this.#order.peek();
    return bucket && (bucket.returned.first ?? bucket.fresh.first);
  }

  /** Puts a task at the end of its priority.
   * @param isReturned whether it had been assigned before: then it goes ahead of those that never were */
  push(task: Task, isReturned: boolean): void {
    const priority = task.record.spec.priority;
    let bucket = this.#buckets.get(priority);
    if (bucket === undefined) {
      bucket = { priority, returned: new TaskList(), fresh: new TaskList(), heapPosition: -1 };
      this.#buckets.set(priority, bucket);
      this.#order.place(bucket);
    }
    (isReturned ? bucket.returned : bucket.fresh).push(task);
    this.#size++;
  }

  /** Takes out a task that is in this queue. */
  remove(task: Task): void {
    const bucket = this.#buckets.get(task.record.spec.priority);
    if (bucket === undefined || task.list === undefined) {
      throw new Error(`Cannot take task ${task.record.spec.taskId} out of a queue: it is in none`);
    }
    task.list.remove(task);
    this.#size--;
    if (bucket.returned.first === undefined && bucket.fresh.first === undefined) {
      this.#buckets.delete(bucket.priority);
      this.#order.remove(bucket);
    }
  }
}
