import type { ErrorEntry } from "./error_entry.ts";

/** Of heads, tasks, actors and objects. */
export const ENGINE_CODES = {
  "actor/dead": {
    meaning: "The actor ended for good, or is not known: no call of it will ever run.",
    advice: "Make it again; the cause in the message says why it ended.",
  },
  "actor/lost": {
    meaning: "The process of an actor was lost, and the call may have run.",
    advice: "Call again if a second effect does no harm; see checkpointEveryCalls for its state.",
  },
  "code/no-project": {
    meaning: "No folder above a module has a deno.json, so it is not known what belongs to it.",
    advice: "Put a deno.json, if only {}, into the folder of the project.",
  },
  "code/not-sent": {
    meaning: "The code of a task could not be brought to the head.",
    advice: "Look at the head and the way there; submit again once it answers.",
  },
  "code/too-large": {
    meaning: "The project's tree is larger than what travels to workers.",
    advice: "Name what is no code in .gitignore or .tradewindignore.",
  },
  "head/bad-address": {
    meaning: "A text is no address of a head.",
    advice: "An address looks like http://127.0.0.1:7700.",
  },
  "head/cannot-listen": {
    meaning: "The head cannot have that port: it is taken, or not yours to take.",
    advice: "Give another --port, or end what listens there.",
  },
  "head/folder-in-use": {
    meaning: "Another head keeps its state in the same folder.",
    advice: "End that one first, or give this one a folder of its own by --dir.",
  },
  "head/no-token": {
    meaning: "The cluster's token cannot be read.",
    advice: "The head says at its start where its token is; give that by --token-file.",
  },
  "head/refused": {
    meaning: "The head was reached, and refused what was asked for.",
    advice: "Read its answer; after cluster:token rotate a new token is needed.",
  },
  "head/superseded": {
    meaning: "Another head took over while this one was cut off.",
    advice: "Nothing to mend: workers follow the new one; start this one again as a standby.",
  },
  "head/unreachable": {
    meaning: "No head answers at that address.",
    advice: "Start one by deno task head, or look at the tunnel that leads there.",
  },
  "head/unwritable-folder": {
    meaning: "The folder of the head's state cannot be written.",
    advice: "Give another one by --dir, or mend its permissions.",
  },
  "object/lost": {
    meaning: "No node has an object any more, and it cannot be computed again.",
    advice: "Put it again; the message names the node that had its last copy.",
  },
  "object/not-put": {
    meaning: "The head did not take the bytes of an object.",
    advice: "Read its answer: a full disk or a limit of size are the usual reasons.",
  },
  "request/failed": {
    meaning: "The head failed at a request.",
    advice: "Look at its log: deno task cluster:attach.",
  },
  "request/not-found": {
    meaning: "Nothing is at that path, or of that name.",
    advice: "Check the path and the name; the head may have forgotten what ended long ago.",
  },
  "request/refused": {
    meaning: "A request is not one that can be answered as it is.",
    advice: "Mend what the message names.",
  },
  "request/too-large": {
    meaning: "A request has more bytes than what is taken.",
    advice: "Send less at once.",
  },
  "request/unauthorized": {
    meaning: "The token or the session is missing, wrong, or not enough for that.",
    advice: "Use the cluster's token; the viewer's allows to look only.",
  },
  "stream/interrupted": {
    meaning: "A stream of items broke off, and its task cannot give the rest again.",
    advice: "Start the stream again; the message says why it broke off.",
  },
  "task/cancelled": {
    meaning: "The task was cancelled before it had a result.",
    advice: "Submit it again if it is still wanted.",
  },
  "task/crashed": {
    meaning: "The process of a task ended in the middle of it.",
    advice:
      "Look at its last words in the message: native code and Deno.exit are the usual reasons.",
  },
  "task/dependency": {
    meaning: "A task that this one reads failed.",
    advice: "Mend that one: the message names it.",
  },
  "task/lost": {
    meaning: "The nodes of a task died under it, again and again.",
    advice: "Look why by deno task cluster:logs; memory is the usual reason.",
  },
  "task/out-of-memory": {
    meaning: "A task had more memory than its limit, or than the node has per slot.",
    advice: "Raise resources.memoryBytes, split the task, or put large inputs by client.put.",
  },
  "task/refused": {
    meaning: "A task asks for what the owner of the node does not allow.",
    advice:
      "Ask for less in permissions, or have it allowed: deno task worker --allow-task-net HOST.",
  },
  "task/thrown": {
    meaning: "The function of a task threw an error of its own.",
    advice: "deno task cluster:task ID tells where, with what the task wrote.",
  },
  "task/timed-out": {
    meaning: "A task took longer than its limit of time.",
    advice: "Raise the limit, or split the task.",
  },
  "task/unprepared": {
    meaning: "Nodes could not get the code of a task ready, its packages included.",
    advice: "Look at the reason in the message; deno install in the project shows the same.",
  },
  "task/unschedulable": {
    meaning: "A task asks for more than any worker could ever have.",
    advice: "Ask for less in resources, or start a worker that has it.",
  },
} as const satisfies Record<string, ErrorEntry>;
