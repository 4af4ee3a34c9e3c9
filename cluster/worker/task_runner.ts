import { AsyncLocalStorage } from "node:async_hooks";
import { assertNever } from "../../src/base/errors.ts";
import type { ObjectFolders } from "../objects/object_folders.ts";
import { ActorProcess } from "./actor_process.ts";
import type { ConstructActor, DaemonToExecutorMessage, RunAttempt } from "../protocol/messages.ts";
import { TASK_SCOPE } from "../protocol/task_scope.ts";
import type { TaskScope } from "../protocol/task_scope.ts";
import { AttemptScope } from "./attempt_scope.ts";
import type { DaemonLine } from "./daemon_line.ts";
import { collectMapped } from "./mapped_garbage.ts";
import { runAttempt } from "./run_attempt.ts";

/** Runs the attempts that its daemon sends, one at a time and in their order, and passes on what else the daemon says
 * to the one that runs. While that one is blocked the process takes nothing: what comes goes back, since what waits
 * behind it might be what it waits for. */
export class TaskRunner {
  readonly #line: DaemonLine;
  readonly #folders: ObjectFolders;
  readonly #node: string;
  readonly #scopes = new AsyncLocalStorage<TaskScope>();
  readonly #queue: RunAttempt[] = [];
  #actor: ActorProcess | undefined;
  #current:
    | { readonly attempt: RunAttempt | ConstructActor; readonly scope: AttemptScope }
    | undefined;
  #isRunning = false;
  #isBlocked = false;

  constructor(line: DaemonLine, folders: ObjectFolders, node: string) {
    this.#line = line;
    this.#folders = folders;
    this.#node = node;
    Object.defineProperty(globalThis, TASK_SCOPE, { value: () => this.#scopes.getStore() });
  }

  /** Takes what the daemon says. */
  take(message: DaemonToExecutorMessage): void {
    switch (message.type) {
      case "Run":
        this.#queue.push(message);
        if (this.#isBlocked) this.#returnQueue();
        else if (!this.#isRunning) this.#runQueue();
        break;
      case "Construct":
        this.#startActor(message);
        break;
      case "Call":
      case "SaveState":
        this.#actor?.take(message);
        break;
      case "AbortAttempt":
        this.#scopeOf(message.attemptId)?.abort();
        break;
      case "NestedFrame":
        this.#scopeOf(message.attemptId)?.takeFrame(message.frame);
        break;
      case "NestedRefused":
        this.#scopeOf(message.attemptId)?.close(message.reason);
        break;
      case "HeadReturned":
        this.#current?.scope.headReturned();
        break;
      case "ObjectReady":
      case "ObjectFailed":
        this.#line.settle(message);
        break;
      default:
        assertNever(message);
    }
  }

  /** From now on the process is the actor's: what its methods do of themselves belongs to its creation. */
  #startActor(message: ConstructActor): void {
    const scope = new AttemptScope(message, {
      line: this.#line,
      folders: this.#folders,
      node: this.#node,
      // An actor keeps its resources while it waits.
      onWaiting: () => {},
    });
    this.#current = { attempt: message, scope };
    this.#actor = new ActorProcess(message, this.#line, this.#folders);
    const actor = this.#actor;
    this.#scopes.run(scope, () => actor.serve());
  }

  async #runQueue(): Promise<void> {
    this.#isRunning = true;
    for (let attempt = this.#queue.shift(); attempt !== undefined; attempt = this.#queue.shift()) {
      const { attemptId, info } = attempt;
      const scope = new AttemptScope(attempt, {
        line: this.#line,
        folders: this.#folders,
        node: this.#node,
        onWaiting: (isWaiting) => this.#setBlocked(attemptId, isWaiting),
      });
      this.#current = { attempt, scope };
      const message = attempt;
      const answer = await this.#scopes.run(
        scope,
        () => runAttempt(message, this.#folders, scope),
      );
      scope.close(`Cannot go on: the task ${info.name} has ended`);
      this.#current = undefined;
      this.#isBlocked = false;
      // Before the next one begins: that may end the process, and this answer with it.
      await this.#line.say(answer);
      collectMapped();
    }
    this.#isRunning = false;
  }

  #setBlocked(attemptId: number, isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    this.#line.say({ type: isBlocked ? "Blocked" : "Resumed", attemptId });
    if (isBlocked) this.#returnQueue();
  }

  #returnQueue(): void {
    if (this.#queue.length === 0) return;
    const attemptIds = this.#queue.splice(0).map(({ attemptId }) => attemptId);
    this.#line.say({ type: "Returned", attemptIds });
  }

  #scopeOf(attemptId: number): AttemptScope | undefined {
    return this.#current?.attempt.attemptId === attemptId ? this.#current.scope : undefined;
  }
}
