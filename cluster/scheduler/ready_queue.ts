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
export class RunQueue implements HeapItem {
  /** Its place among the runs of its priority. */
  heapPosition = -1;
  /** Tasks that had been assigned before. */
  readonly returned = new TaskList(this);
  /** Tasks that were never assigned. */
  readonly fresh = new TaskList(this);

  /** An empty queue of a run. */
  constructor(
    /** Whose tasks they are. */
    readonly run: Run,
    /** Where this queue stands among those of other runs. */
    readonly bucket: PriorityBucket,
  ) {}

  /** The task that is next, or undefined when there is none. */
  get first(): Task | undefined {
    return this.returned.first ?? this.fresh.first;
  }
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
    return this.#order.peek()?.order.peek()?.first;
  }

  /** Puts a task at the end of its run and priority.
   * @param isReturned whether it had been assigned before: then it goes ahead of those of its run that never were */
  push(task: Task, isReturned: boolean): void {
    const queue = this.#queueFor(task);
    (isReturned ? queue.returned : queue.fresh).push(task);
    if (queue.first === task) mendPlace(queue);
    this.#size++;
  }

  /** Takes out a task that is in this queue. */
  remove(task: Task): void {
    const { list } = task;
    if (list === undefined) {
      throw new Error(`Cannot take task ${task.record.spec.taskId} out of a queue: it is in none`);
    }
    const queue = list.owner;
    const wasFirst = queue.first === task;
    list.remove(task);
    this.#size--;
    if (queue.first === undefined) this.#drop(queue);
    else if (wasFirst) mendPlace(queue);
  }

  #queueFor(task: Task): RunQueue {
    const { run } = task;
    const bucket = this.#bucketFor(task.record.spec.priority);
    let queue = bucket.byRun.get(run);
    if (queue === undefined) {
      queue = new RunQueue(run, bucket);
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

function goesBefore(a: RunQueue, b: RunQueue): boolean {
  if (a.run.share !== b.run.share) return a.run.share < b.run.share;
  return (a.first as Task).readySequence < (b.first as Task).readySequence;
}
