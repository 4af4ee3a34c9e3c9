import { assertNever } from "../../src/base/errors.ts";
import type {
  ActorFound,
  ActorStart,
  AttemptStart,
  CallStart,
  HeadToClientMessage,
  HeadToWorkerMessage,
} from "../protocol/messages.ts";
import type { SchedulerCommand } from "../scheduler/types.ts";

type Cancel = Extract<HeadToWorkerMessage, { type: "CancelAttempts" }>["attempts"][number];
type Warning = Extract<HeadToClientMessage, { type: "TasksWarned" }>["warnings"][number];
type Ended = Extract<HeadToClientMessage, { type: "TasksEnded" }>["ended"][number];

/** The messages that carry out a batch of commands, by receiver. */
export interface Mail {
  readonly toWorkers: ReadonlyMap<string, readonly HeadToWorkerMessage[]>;
  readonly toClients: ReadonlyMap<string, readonly HeadToClientMessage[]>;
  /** Whether it does nothing but assign attempts of tasks. */
  readonly assignsOnly: boolean;
  readonly dropped: readonly { readonly workerId: string; readonly reason: string }[];
  /** Objects that the head's store may delete. */
  readonly deletedHere: readonly string[];
  /** Objects that the head has to fetch. */
  readonly secured: readonly string[];
}

const ASSIGNING: ReadonlySet<string> = new Set<SchedulerCommand["type"]>([
  "SaveTask",
  "StartAttempt",
]);

/** Turns a batch of commands into one short list of messages a receiver: commands of one type travel together.
 * The order of types is safe in itself: an attempt is cancelled or acknowledged only after it was started, so starts
 * come first, and a worker is released last. */
export function addressMail(commands: readonly SchedulerCommand[]): Mail {
  const starts = new Map<string, AttemptStart[]>();
  const actors = new Map<string, ActorStart[]>();
  const calls = new Map<string, CallStart[]>();
  const cancels = new Map<string, Cancel[]>();
  const acknowledgements = new Map<string, number[]>();
  const released: string[] = [];
  const found = new Map<string, ActorFound[]>();
  const deleted = new Map<string, string[]>();
  const deletedHere: string[] = [];
  const secured: string[] = [];
  const ended = new Map<string, Ended[]>();
  const warnings = new Map<string, Warning[]>();
  const dropped: { workerId: string; reason: string }[] = [];
  let assignsOnly = true;
  for (const command of commands) {
    assignsOnly &&= ASSIGNING.has(command.type);
    switch (command.type) {
      case "SaveTask":
      case "SaveEnd":
      case "SaveActor":
      case "ForgetTask":
      case "SavePin":
      case "ForgetPin":
        break;
      case "DeleteObject":
        for (const workerId of command.workerIds) {
          if (workerId === undefined) deletedHere.push(command.objectId);
          else append(deleted, workerId, command.objectId);
        }
        break;
      case "SecureObject":
        secured.push(command.objectId);
        break;
      case "StartAttempt":
        append(starts, command.workerId, startOf(command));
        break;
      case "StartActor": {
        const { maxConcurrency, checkpoint } = command;
        append(actors, command.workerId, { ...startOf(command), maxConcurrency, checkpoint });
        break;
      }
      case "StartCall": {
        const { workerId, attemptId, actorId, inputs, objects, spec } = command;
        const { taskId, payload, runTimeoutMs } = spec;
        const call = { attemptId, taskId, actorId, payload, inputs, objects, runTimeoutMs };
        append(calls, workerId, call);
        break;
      }
      case "CancelAttempt": {
        const { taskId, attemptId, reason } = command;
        append(cancels, command.workerId, { taskId, attemptId, reason });
        break;
      }
      case "AcknowledgeAttempt":
        append(acknowledgements, command.workerId, command.attemptId);
        break;
      case "ReleaseWorker":
        released.push(command.workerId);
        break;
      case "TellClient":
        append(ended, command.clientId, { taskId: command.taskId, outcome: command.outcome });
        break;
      case "TellActor": {
        const { clientId, requestId, actorId } = command;
        append(found, clientId, { type: "ActorFound", requestId, actorId });
        break;
      }
      case "WarnClient":
        append(warnings, command.clientId, { taskId: command.taskId, warning: command.warning });
        break;
      case "DropWorker":
        dropped.push({ workerId: command.workerId, reason: command.reason });
        break;
      default:
        assertNever(command);
    }
  }
  const toWorkers = new Map<string, HeadToWorkerMessage[]>();
  for (const [id, attempts] of starts) append(toWorkers, id, { type: "StartAttempts", attempts });
  for (const [id, started] of actors) {
    append(toWorkers, id, { type: "StartActors", actors: started });
  }
  for (const [id, started] of calls) append(toWorkers, id, { type: "StartCalls", calls: started });
  for (const [id, attempts] of cancels) append(toWorkers, id, { type: "CancelAttempts", attempts });
  for (const [id, attemptIds] of acknowledgements) {
    append(toWorkers, id, { type: "AcknowledgeAttempts", attemptIds });
  }
  for (const [id, objectIds] of deleted) {
    append(toWorkers, id, { type: "DeleteObjects", objectIds });
  }
  for (const id of released) append(toWorkers, id, { type: "Release" });
  const toClients = new Map<string, HeadToClientMessage[]>();
  for (const [id, given] of warnings) {
    append(toClients, id, { type: "TasksWarned", warnings: given });
  }
  for (const [id, answers] of found) answers.forEach((answer) => append(toClients, id, answer));
  for (const [id, tasks] of ended) append(toClients, id, { type: "TasksEnded", ended: tasks });
  return { toWorkers, toClients, assignsOnly, dropped, deletedHere, secured };
}

function startOf(
  command: Extract<SchedulerCommand, { type: "StartAttempt" | "StartActor" }>,
): AttemptStart {
  const { attemptId, inputs, objects, attemptNumber, spec } = command;
  const { taskId, resources, payload, name, priority, runTimeoutMs, rules } = spec;
  const runId = rules?.run?.runId ?? spec.clientId;
  const info = { name, runId, attemptNumber, priority, runTimeoutMs };
  return { attemptId, taskId, resources, payload, inputs, objects, info };
}

function append<Item>(lists: Map<string, Item[]>, receiver: string, item: Item): void {
  const list = lists.get(receiver);
  if (list === undefined) lists.set(receiver, [item]);
  else list.push(item);
}
