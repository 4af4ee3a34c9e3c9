import { setImmediate } from "node:timers";
import { findObject, writeObject, writeObjectSync } from "../objects/object_folders.ts";
import type { ObjectFolders } from "../objects/object_folders.ts";
import { readStoredFile } from "../objects/value_file.ts";
import type { ConstructActor, RunAttempt } from "../protocol/messages.ts";
import type { NestedChannel, TaskContext, TaskScope } from "../protocol/task_scope.ts";
import { readTaskCall } from "../protocol/task_payload.ts";
import type { DaemonLine } from "./daemon_line.ts";

type ChannelHandlers = Parameters<NestedChannel["open"]>[0];

/** What an attempt needs of the process that runs it. */
export interface AttemptSurroundings {
  readonly line: DaemonLine;
  readonly folders: ObjectFolders;
  /** The worker's id. */
  readonly node: string;
  /** Called when the attempt begins to wait for tasks of its own, and when it goes on. */
  readonly onWaiting: (isWaiting: boolean) => void;
}

/** What becomes known only later is written then. */
type OwnContext = TaskContext & { itemsReceived: number };

/** What the code of one attempt sees of its surroundings; what it still does once the attempt has ended comes to
 * nothing. */
export class AttemptScope implements TaskScope {
  readonly #attempt: RunAttempt | ConstructActor;
  readonly #surroundings: AttemptSurroundings;
  readonly #abort = new LazyAbort();
  #handlers: ChannelHandlers[] | undefined;
  #context: OwnContext | undefined;
  #channel: NestedChannel | undefined;
  #lostReason: string | undefined;
  #isWaiting = false;
  #saidWaiting = false;
  #checkIsDue = false;

  constructor(attempt: RunAttempt | ConstructActor, surroundings: AttemptSurroundings) {
    this.#attempt = attempt;
    this.#surroundings = surroundings;
  }

  // Made when somebody looks: most tasks never do, and an attempt costs little else.

  get context(): OwnContext {
    return this.#context ??= contextOf(this.#attempt, this.#surroundings.node, this.#abort);
  }

  get channel(): NestedChannel {
    return this.#channel ??= this.#makeChannel();
  }

  get code(): TaskScope["code"] {
    const { codeUrl, payload } = this.#attempt;
    const ref = readTaskCall(payload).code;
    return codeUrl === undefined || ref === undefined ? undefined : { url: codeUrl, ref };
  }

  get permissions(): TaskScope["permissions"] {
    return readTaskCall(this.#attempt.payload).permissions;
  }

  goOnBehind(itemsReceived: number): void {
    this.context.itemsReceived = itemsReceived;
  }

  /** The attempt is cancelled. */
  abort(): void {
    this.#abort.abort(
      new DOMException(`Task ${this.context.name} was cancelled`, "AbortError"),
    );
  }

  /** Takes a frame of the head for the client in here. */
  takeFrame(frame: Uint8Array): void {
    for (const { onFrame } of this.#handlers ?? []) onFrame(frame);
  }

  /** The head was away. */
  headReturned(): void {
    for (const { onReturned } of this.#handlers ?? []) onReturned();
  }

  /** Nothing more goes through the channel. */
  close(reason: string): void {
    if (this.#lostReason !== undefined) return;
    this.#lostReason = reason;
    for (const { onLost } of this.#handlers ?? []) onLost(new Error(reason));
  }

  #makeChannel(): NestedChannel {
    const { line, folders } = this.#surroundings;
    const { attemptId } = this.#attempt;
    return {
      open: (handlers) => {
        (this.#handlers ??= []).push(handlers);
        if (this.#lostReason !== undefined) handlers.onLost(new Error(this.#lostReason));
      },
      send: (frame) => {
        // A broken line ends the process.
        if (this.#lostReason === undefined) line.say({ type: "NestedFrame", attemptId, frame });
      },
      store: async (parts) => {
        const size = await writeObject(folders, parts);
        await line.request("StoreObject", size.objectId);
        return size;
      },
      storeNow: (parts) => {
        const size = writeObjectSync(folders, parts);
        return { ...size, stored: line.request("StoreObject", size.objectId) };
      },
      load: async (objectId) => {
        await line.request("FetchObject", objectId);
        const found = findObject(folders, objectId);
        if (found === undefined) throw new Error(`Cannot read object ${objectId}: it is gone`);
        return await readStoredFile(found.path, folders.disk);
      },
      setWaiting: (isWaiting) => {
        this.#isWaiting = isWaiting;
        if (this.#checkIsDue) return;
        this.#checkIsDue = true;
        // At the end of the turn: a task that goes from one child to the next at once has nothing to say.
        setImmediate(() => this.#checkWaiting());
      },
    };
  }

  #checkWaiting(): void {
    this.#checkIsDue = false;
    if (this.#lostReason !== undefined || this.#isWaiting === this.#saidWaiting) return;
    this.#saidWaiting = this.#isWaiting;
    this.#surroundings.onWaiting(this.#isWaiting);
  }
}

/** An AbortController that is made when somebody looks: most tasks never do. */
class LazyAbort {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  abort(reason: unknown): void {
    (this.#controller ??= new AbortController()).abort(reason);
  }
}

function contextOf(
  { taskId, info }: RunAttempt | ConstructActor,
  node: string,
  abort: LazyAbort,
): OwnContext {
  return {
    taskId,
    name: info.name,
    attempt: info.attemptNumber,
    runId: info.runId,
    priority: info.priority,
    node,
    deadlineMs: Date.now() + info.runTimeoutMs,
    itemsReceived: 0,
    get signal() {
      return abort.signal;
    },
  };
}
