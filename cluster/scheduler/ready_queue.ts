import { type HeapItem, IndexedHeap } from "./indexed_heap.ts";
import type { Run, Task } from "./state.ts";
import { TaskList } from "./task_list.ts";

/** The ready tasks of one priority, by run. */
interface PriorityBucket extends HeapItem {
  readonly priority: number;
  readonly byRun: Map<Run, RunQueue>;
  readonly order: IndexedHeap<RunQueue>;
}

/** The ready tasks of one run and priority: those that had been assigned before go first. */
export interface RunQueue extends HeapItem {
  /** Whose tasks they are. */
  readonly run: Run;
  /** Tasks that had been assigned before. */
  readonly returned: TaskList;
  /** Tasks that were never assigned. */
  readonly fresh: TaskList;
  /** Where this queue stands among those of other runs. */
  readonly bucket: PriorityBucket;
}

/** The ready tasks of one shape: the highest priority first; within it the run with the smallest share of the workers,
 * of equals the one whose task became ready first; within a run first come, first served. All operations cost
 * O(log of the distinct priorities and runs), whatever the number of tasks. */
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
    const queue = this.#order.peek()?.order.peek();
    return queue && firstOf(queue);
  }

  /** Puts a task at the end of its run and priority.
   * @param isReturned whether it had been assigned before: then it goes ahead of those of its run that never were */
  push(task: Task, isReturned: boolean): void {
    const queue = this.#queueFor(task);
    (isReturned ? queue.returned : queue.fresh).push(task);
    if (firstOf(queue) === task) mendPlace(queue);
    this.#size++;
  }

  /** Takes out a task that is in this queue. */
  remove(task: Task): void {
    const { list } = task;
    if (list === undefined) {
      throw new Error(`Cannot take task ${task.record.spec.taskId} out of a queue: it is in none`);
    }
    const queue = this.#queueFor(task);
    const wasFirst = firstOf(queue) === task;
    list.remove(task);
    this.#size--;
    if (firstOf(queue) === undefined) this.#drop(queue);
    else if (wasFirst) mendPlace(queue);
  }

  #queueFor(task: Task): RunQueue {
    const { run } = task;
    const bucket = this.#bucketFor(task.record.spec.priority);
    let queue = bucket.byRun.get(run);
    if (queue === undefined) {
      queue = {
        run,
        returned: new TaskList(),
        fresh: new TaskList(),
        bucket,
        heapPosition: -1,
      };
      bucket.byRun.set(run, queue);
      run.queues.add(queue);
    }
    return queue;
  }

  #bucketFor(priority: number): PriorityBucket {
    let bucket = this.#buckets.get(priority);
    if (bucket === undefined) {
      const order = new IndexedHeap(goesBefore);
      bucket = { priority, byRun: new Map(), order, heapPosition: -1 };
      this.#buckets.set(priority, bucket);
      this.#order.place(bucket);
    }
    return bucket;
  }

  #drop(queue: RunQueue): void {
    const { run, bucket } = queue;
    bucket.order.remove(queue);
    bucket.byRun.delete(run);
    run.queues.delete(queue);
    if (bucket.byRun.size > 0) return;
    this.#buckets.delete(bucket.priority);
    this.#order.remove(bucket);
  }
}

/** Mends the place of a run's queue among the others after the run's share or its first task changed. */
export function mendPlace(queue: RunQueue): void {
  queue.bucket.order.place(queue);
}

function firstOf(queue: RunQueue): Task | undefined {
  return queue.returned.first ?? queue.fresh.first;
}

function goesBefore(a: RunQueue, b: RunQueue): boolean {
  if (a.run.share !== b.run.share) return a.run.share < b.run.share;
  return (firstOf(a) as Task).readySequence < (firstOf(b) as Task).readySequence;
}
