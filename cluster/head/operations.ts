import { Packr } from "msgpackr/pack";
import type { ActorLife, TaskOutcome, TaskSpec } from "../scheduler/types.ts";
import type { PagePlace } from "./payload_pages.ts";

/** What is kept of a task that ended. */
export interface EndedTask {
  readonly outcome: TaskOutcome;
  readonly failures: number;
  readonly losses: number;
  readonly finishedAtMs: number;
}

/** What an operation of the journal says. */
export const SAVED = 0, ENDED = 1, FORGOTTEN = 2, LIVED = 3;

/** A task was saved; its payload may lie in a page. */
export type SavedOperation =
  | readonly [typeof SAVED, spec: TaskSpec, submittedAtMs: number]
  | readonly [typeof SAVED, spec: Omit<TaskSpec, "payload">, submittedAtMs: number, PagePlace];

/** One line of the journal. */
export type Operation =
  | SavedOperation
  | readonly [typeof ENDED, taskId: string, ended: EndedTask]
  | readonly [typeof FORGOTTEN, taskId: string]
  | readonly [typeof LIVED, actorId: string, life: ActorLife];

/** What tasks of one batch mostly have in common: all but what is their own. */
type Kind = Omit<TaskSpec, "taskId" | "payload" | "dependencies" | "objects">;

/** As it is written: lists, since keys would be written for every task. A kind is written before the first task that is
 * of it, and holds until the next. */
type Line =
  | readonly [typeof KIND, Kind]
  | readonly [
    typeof SAVED,
    taskId: string,
    payload: Uint8Array | null,
    dependencies: TaskSpec["dependencies"],
    objects: TaskSpec["objects"],
    submittedAtMs: number,
    place: PagePlace | null,
  ]
  | readonly [
    typeof ENDED,
    taskId: string,
    outcome: TaskOutcome,
    failures: number,
    losses: number,
    finishedAtMs: number,
  ]
  | readonly [typeof DONE, taskId: string, result: Uint8Array, finishedAtMs: number]
  | readonly [typeof FORGOTTEN, taskId: string]
  | readonly [typeof LIVED, actorId: string, life: ActorLife];

/** Beside the operations: a kind, and the end of a task that succeeded at once, with a small result. */
const KIND = 4, DONE = 5;

/** Operations of one entry to bytes and back. */
export class OperationCodec {
  readonly #packr = new Packr({ useRecords: false, moreTypes: false, variableMapSize: true });

  /** The bytes are a view of a buffer that the next call writes into. */
  encode(operations: readonly Operation[]): Uint8Array {
    const lines: Line[] = [];
    let last: TaskSpec | Omit<TaskSpec, "payload"> | undefined;
    for (const operation of operations) {
      if (operation[0] === SAVED) {
        const spec = operation[1];
        if (last === undefined || !isSameKind(last, spec)) lines.push([KIND, kindOf(spec)]);
        last = spec;
        lines.push(savedLine(operation));
      } else if (operation[0] === ENDED) lines.push(endedLine(operation[1], operation[2]));
      else lines.push(operation);
    }
    return this.#packr.pack(lines);
  }

  /** What {@linkcode encode} was given. */
  decode(entry: Uint8Array): Operation[] {
    const operations: Operation[] = [];
    let kind: Kind | undefined;
    for (const line of this.#packr.unpack(entry) as readonly Line[]) {
      switch (line[0]) {
        case KIND:
          kind = line[1];
          break;
        case SAVED:
          if (kind === undefined) throw new Error("Cannot read the journal: a task has no kind");
          operations.push(savedOperation(kind, line));
          break;
        case ENDED: {
          const [, taskId, outcome, failures, losses, finishedAtMs] = line;
          operations.push([ENDED, taskId, { outcome, failures, losses, finishedAtMs }]);
          break;
        }
        case DONE: {
          const [, taskId, bytes, finishedAtMs] = line;
          const outcome: TaskOutcome = { type: "succeeded", result: { type: "inline", bytes } };
          operations.push([ENDED, taskId, { outcome, failures: 0, losses: 0, finishedAtMs }]);
          break;
        }
        default:
          operations.push(line);
      }
    }
    return operations;
  }
}

function savedLine(operation: SavedOperation): Line {
  const [, spec, submittedAtMs, place = null] = operation;
  const { taskId, dependencies, objects } = spec;
  const payload = "payload" in spec ? spec.payload : null;
  return [SAVED, taskId, payload, dependencies, objects, submittedAtMs, place];
}

function savedOperation(
  kind: Kind,
  [, taskId, payload, dependencies, objects, submittedAtMs, place]: Line & { 0: typeof SAVED },
): SavedOperation {
  const rest = { ...kind, taskId, dependencies, objects };
  if (place !== null) return [SAVED, rest, submittedAtMs, place];
  if (payload === null) throw new Error(`Cannot read the journal: task ${taskId} has no payload`);
  return [SAVED, { ...rest, payload }, submittedAtMs];
}

function endedLine(taskId: string, ended: EndedTask): Line {
  const { outcome, failures, losses, finishedAtMs } = ended;
  const isPlain = failures === 0 && losses === 0;
  return isPlain && outcome.type === "succeeded" && outcome.result.type === "inline"
    ? [DONE, taskId, outcome.result.bytes, finishedAtMs]
    : [ENDED, taskId, outcome, failures, losses, finishedAtMs];
}

function kindOf(spec: Omit<TaskSpec, "payload">): Kind {
  const { clientId, name, resources, priority, retry, runTimeoutMs, rules, actor, parent } = spec;
  return {
    clientId,
    name,
    resources,
    priority,
    retry,
    runTimeoutMs,
    ...(rules && { rules }),
    ...(actor && { actor }),
    ...(parent && { parent }),
  };
}

/** Parts that recur are one object each, so that comparing those is enough; a kind that is written anew is right too. */
function isSameKind(a: Omit<TaskSpec, "payload">, b: Omit<TaskSpec, "payload">): boolean {
  return a.clientId === b.clientId && a.name === b.name && a.resources === b.resources &&
    a.priority === b.priority && a.retry === b.retry && a.runTimeoutMs === b.runTimeoutMs &&
    a.rules === b.rules && a.actor === b.actor && a.parent === b.parent;
}
