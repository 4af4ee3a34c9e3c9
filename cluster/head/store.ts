import { DatabaseSync } from "node:sqlite";
import { sizeBytesIfThere } from "../../src/base/if_there.ts";
import type { ObjectSize, SchedulerCommand, TaskRecord, TaskSpec } from "../scheduler/types.ts";
import { type Fsync, synchronousOf } from "./fsync.ts";
import { Journal, JOURNAL_SCHEMA } from "./journal.ts";
import { ENDED, FORGOTTEN, LIVED, OperationCodec, SAVED } from "./operations.ts";
import type { Operation, SavedOperation } from "./operations.ts";
import { PagedSpec, PAGES_SCHEMA, PayloadPages } from "./payload_pages.ts";
import { RecurringParts } from "./recurring.ts";
import { StoreChanges } from "./store_changes.ts";

const SCHEMA_VERSION = 5;

const SCHEMA = `
CREATE TABLE head (epoch INTEGER NOT NULL) STRICT;
INSERT INTO head VALUES (0);
CREATE TABLE pins (object_id TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL) STRICT;
${JOURNAL_SCHEMA}
${PAGES_SCHEMA}
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Pages of the write-ahead log after which SQLite moves them into the file: a move waits for the disk, which the tasks
 * of that moment feel, so it is seldom. 8,192 pages are 32 MiB. */
const CHECKPOINT_PAGES = 8_192;
/** What the write-ahead log may keep on the disk after it was moved. */
const LOG_BYTES = 64 * 1024 * 1024;
/** The file gives back free pages once more than half of so many are free, and so many at a time. */
const FEW_PAGES = 8_192;
const VACUUM_PAGES = 1_024;

/** The tasks that the head knows, by their ids. */
type LiveTasks = ReadonlyMap<string, { readonly record: TaskRecord }>;

/** What the head must not forget, in one SQLite file: the tasks, their outcomes, and how often it was started. */
export class HeadStore implements Disposable {
  /** Rises by one with every start, so that attempts of an earlier start are never taken for ours. */
  readonly epoch: number;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #journal: Journal<Operation>;
  readonly #pages: PayloadPages;

  /** Opens the file, or makes it.
   * @throws {Error} when the file was written by another version */
  constructor(path: string, fsync: Fsync = "batch") {
    this.#path = path;
    this.#database = new DatabaseSync(path);
    this.#database.exec(
      // No other process has to do with it: so nothing has to be locked for each batch.
      `PRAGMA locking_mode = EXCLUSIVE; ` +
        `PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; ` +
        `PRAGMA synchronous = ${synchronousOf(fsync)}; ` +
        `PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${LOG_BYTES};`,
    );
    const version = this.#database.prepare("PRAGMA user_version").get()?.user_version;
    if (version === 0) this.#database.exec(SCHEMA);
    else if (version !== SCHEMA_VERSION) {
      throw new Error(
        `Cannot open ${path}: its schema has version ${version}, this head knows ${SCHEMA_VERSION}`,
      );
    }
    this.epoch = Number(
      this.#database.prepare("UPDATE head SET epoch = epoch + 1 RETURNING epoch").get()?.epoch,
    );
    this.#journal = new Journal(this.#database, new OperationCodec());
    this.#pages = new PayloadPages(this.#database);
  }

  /** Every task that was saved and not forgotten, in the order of submission. */
  load(): TaskRecord[] {
    const records = new Map<string, TaskRecord>();
    const recurring = new RecurringParts();
    const open = (saved: SavedOperation): TaskSpec => {
      const spec = recurring.share(saved[1]);
      return saved[3] === undefined ? spec as TaskSpec : new PagedSpec(spec, this.#pages, saved[3]);
    };
    for (const operation of this.#journal.read()) replay(records, operation, open);
    return [...records.values()].sort((a, b) => a.submittedAtMs - b.submittedAtMs);
  }

  /** The objects that are pinned. */
  pinned(): ObjectSize[] {
    const rows = this.#database.prepare("SELECT object_id, size_bytes FROM pins").all();
    return rows.map((row) => ({
      objectId: String(row.object_id),
      sizeBytes: Number(row.size_bytes),
    }));
  }

  /** Writes what a batch of commands has to be stored, in their order: all of it, or nothing.
   * @param tasks what the head knows when the commands are carried out
   * @throws when the disk is full, for instance; then it may be called again with the same
   * @returns whether there was anything to write */
  commit(commands: readonly SchedulerCommand[], tasks: LiveTasks): boolean {
    const far = commands.flatMap((command) =>
      command.type === "SaveTask" && this.#pages.isFar(command.task, tasks.size)
        ? [command.task]
        : []
    );
    const isSweepDue = this.#pages.isDueForSweep(tasks.size);
    if (far.length === 0 && !isSweepDue) return this.#write(commands, tasks);
    return this.#pages.transact(far, () => {
      this.#pages.write(far);
      if (isSweepDue) this.#sweep(tasks);
      return this.#write(commands, tasks);
    });
  }

  #sweep(tasks: LiveTasks): void {
    this.#pages.sweep(tasks);
    const count = (what: string) =>
      Number(Object.values(this.#database.prepare(`PRAGMA ${what}`).get() ?? {})[0]);
    const pageCount = count("page_count");
    if (pageCount < FEW_PAGES || 2 * count("freelist_count") < pageCount) return;
    this.#database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  }

  #write(commands: readonly SchedulerCommand[], tasks: LiveTasks): boolean {
    const operations: Operation[] = [];
    for (const command of commands) {
      switch (command.type) {
        case "SaveTask":
          operations.push(savedOperation(command.task));
          break;
        case "SaveEnd":
          // One that was taken back in the same batch, as its result was lost, has no end.
          if (command.task.outcome !== undefined) operations.push(endedOperation(command.task));
          break;
        case "SavePin": {
          const { objectId, sizeBytes } = command.object;
          this.#database.prepare("INSERT OR REPLACE INTO pins VALUES (?, ?)")
            .run(objectId, sizeBytes);
          break;
        }
        case "ForgetPin":
          this.#database.prepare("DELETE FROM pins WHERE object_id = ?").run(command.objectId);
          break;
        case "SaveActor":
          operations.push([LIVED, command.actorId, command.life]);
          break;
        case "ForgetTask":
          operations.push([FORGOTTEN, command.taskId]);
          break;
        default:
      }
    }
    if (operations.length === 0) return false;
    this.#journal.append(operations, {
      liveCount: tasks.size,
      all: () => [...tasks.values()].flatMap(({ record }) => operationsOf(record)),
      survivorsOf: (written) => survivorsOf(written, tasks),
    });
    return true;
  }

  /** What is written from now on, for a second place. */
  streamed(): StoreChanges {
    return new StoreChanges(this.#database, this.#path);
  }

  /** What the store takes on the disk, its write-ahead log included. */
  sizeBytes(): number {
    return [this.#path, `${this.#path}-wal`].reduce(
      (sum, path) => sum + (sizeBytesIfThere(path) ?? 0),
      0,
    );
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function savedOperation({ spec, submittedAtMs }: TaskRecord): Operation {
  // Copied, as that leaves out what a paged one reads from its page.
  if (spec instanceof PagedSpec) return [SAVED, { ...spec }, submittedAtMs, spec.place];
  return [SAVED, spec, submittedAtMs];
}

function endedOperation(task: TaskRecord): Operation {
  const { outcome, failures, losses, finishedAtMs, spec } = task;
  if (outcome === undefined || finishedAtMs === undefined) {
    throw new Error(`Cannot store the end of task ${spec.taskId}: it is ${task.state}`);
  }
  return [ENDED, spec.taskId, { outcome, failures, losses, finishedAtMs }];
}

/** All that has to be written to tell a task. */
function operationsOf(record: TaskRecord): Operation[] {
  return [savedOperation(record), ...laterOperations(record)];
}

/** What came to a task after it was saved. Of an actor that ended, its states are over. */
function laterOperations(record: TaskRecord): Operation[] {
  if (record.outcome !== undefined) return [endedOperation(record)];
  return record.life === undefined ? [] : [[LIVED, record.spec.taskId, record.life]];
}

function replay(
  records: Map<string, TaskRecord>,
  operation: Operation,
  open: (saved: SavedOperation) => TaskSpec,
): void {
  switch (operation[0]) {
    case SAVED: {
      const spec = open(operation);
      const submittedAtMs = operation[2];
      records.set(spec.taskId, {
        spec,
        state: "waiting",
        failures: 0,
        losses: 0,
        outcome: undefined,
        submittedAtMs,
        finishedAtMs: undefined,
        life: undefined,
      });
      break;
    }
    case ENDED: {
      const [, taskId, ended] = operation;
      const record = records.get(taskId);
      // Written again by the cleaning before its row came, or forgotten since.
      if (record !== undefined) Object.assign(record, ended, { state: ended.outcome.type });
      break;
    }
    case LIVED: {
      const record = records.get(operation[1]);
      if (record !== undefined) record.life = operation[2];
      break;
    }
    case FORGOTTEN:
      records.delete(operation[1]);
  }
}

/** Of operations that are about to be taken away, what still has to be known. The end of a task is written again with
 * the task itself, or here when only its row of the end goes. */
function survivorsOf(written: readonly Operation[], tasks: LiveTasks): Operation[] {
  const survivors: Operation[] = [];
  const told = new Set<string>();
  for (const operation of written) {
    if (operation[0] === FORGOTTEN) continue;
    const isTask = operation[0] === SAVED;
    const taskId = isTask ? operation[1].taskId : operation[1];
    const record = tasks.get(taskId)?.record;
    if (record === undefined || told.has(taskId)) continue;
    told.add(taskId);
    survivors.push(...(isTask ? operationsOf(record) : laterOperations(record)));
  }
  return survivors;
}
