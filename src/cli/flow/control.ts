import type { FamilyCommand, Terminal } from "../command_family.ts";
import { UserError } from "../../base/errors.ts";
import { isTerminal } from "../../flow/states.ts";
import type { FlowStore } from "../../flow/store/flow_store.ts";
import { parseDurationMs } from "../durations.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import type { FlagSpec, ParsedFlags } from "../flags.ts";
import { EXIT_CODES_TEXT, JSON_FLAG, openStore, OUT_FLAG, requireRun } from "./flow_command.ts";

const REASON_FLAG: FlagSpec = {
  name: "reason",
  kind: "value",
  placeholder: "TEXT",
  help: "Why, for those who look at the run later.",
};
const DEFAULT_GRACE = "10s";

/** `flow cancel`: ends a run. */
export const FLOW_CANCEL: FamilyCommand = {
  brief: "ends a run: asks first, and may force it",
  spec: {
    command: "deno task flow -- cancel",
    summary:
      "Cancels a run: its tasks are stopped, what was committed stays. Waits until it has ended.",
    positionals: ["RUN_ID"],
    flags: [
      REASON_FLAG,
      {
        name: "grace",
        kind: "value",
        placeholder: "TIME",
        help: `How long to wait for it (default: ${DEFAULT_GRACE}).`,
      },
      { name: "force", kind: "switch", help: "After that, kill the process that executes it." },
      OUT_FLAG,
      JSON_FLAG,
    ],
    epilogue: ["Exit codes: 0 it is cancelled · 1 it is not, yet · 2 bad input."],
  },
  run: async (parsed, terminal) => {
    const { flags, positionals: [runId] } = parsed;
    using store = openStore(parsed);
    requireOpen(store, runId!);
    const reason = flags.get("reason") ?? "";
    if (store.registry.cancelIdle(runId!, reason, Date.now())) {
      return report(store, runId!, parsed, terminal);
    }
    store.control.request(runId!, { type: "cancel", reason });
    const graceMs = parseDurationMs("grace", flags.get("grace") ?? DEFAULT_GRACE);
    if (!await hasEnded(store, runId!, graceMs) && flags.has("force")) {
      Deno.kill(store.runs.find(runId!)!.ownerPid, "SIGKILL");
      await isFree(store, runId!);
      store.registry.cancelIdle(runId!, `${reason} (its process was killed)`.trim(), Date.now());
    }
    return report(store, runId!, parsed, terminal);
  },
};

/** `flow pause`: holds a run or a schedule. */
export const FLOW_PAUSE: FamilyCommand = {
  brief: "holds a run, or the schedule of a deployment",
  spec: {
    command: "deno task flow -- pause",
    summary: "Pauses a run, which starts nothing new then, or the schedule of a deployment.",
    positionals: ["RUN_ID|NAME"],
    flags: [REASON_FLAG, OUT_FLAG, JSON_FLAG],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: (parsed, terminal) => hold(parsed, terminal, true),
};

/** `flow resume`: lets a run or a schedule go on. */
export const FLOW_RESUME: FamilyCommand = {
  brief: "lets a paused run, or a paused schedule, go on",
  spec: {
    command: "deno task flow -- resume",
    summary:
      "Lets a run go on that was paused, or the schedule of a deployment: its times meanwhile count as missed.\n" +
      "A run that waits for an approval needs flow approve; one without a process flow retry.",
    positionals: ["RUN_ID|NAME"],
    flags: [REASON_FLAG, OUT_FLAG, JSON_FLAG],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: (parsed, terminal) => hold(parsed, terminal, false),
};

/** `flow approve`: answers what a run asks. */
export const FLOW_APPROVE: FamilyCommand = {
  brief: "answers what a run asks",
  spec: {
    command: "deno task flow -- approve",
    summary: "Approves, or rejects, what a paused run asks.",
    positionals: ["RUN_ID", "QUESTION"],
    flags: [
      { name: "reject", kind: "switch", help: "Reject it: the run fails." },
      { name: "note", kind: "value", placeholder: "TEXT", help: "What the run is told." },
      OUT_FLAG,
      JSON_FLAG,
    ],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: (parsed, terminal) => {
    const [runId, question] = parsed.positionals as [string, string];
    using store = openStore(parsed);
    requireRun(store.runs, runId);
    const decision = parsed.flags.has("reject") ? "rejected" : "approved";
    store.control.decide(runId, question, decision, parsed.flags.get("note") ?? "", Date.now());
    if (parsed.flags.has("json")) terminal.out(JSON.stringify(store.runs.approvals(runId)));
    else {
      terminal.out(`${question} is ${decision}`);
      if (!store.registry.isExecuted(runId)) {
        terminal.err(
          `No process executes the run: deno task flow -- retry ${runId}, or a server, goes on with it.`,
        );
      }
    }
    return EXIT_CODES.ok;
  },
};

function hold(parsed: ParsedFlags, terminal: Terminal, isPaused: boolean): number {
  const [name] = parsed.positionals as [string];
  using store = openStore(parsed);
  const deployment = store.deployments.find(name);
  if (deployment !== undefined) {
    store.deployments.put({ ...deployment, isPaused });
    if (parsed.flags.has("json")) terminal.out(JSON.stringify({ ...deployment, isPaused }));
    else terminal.out(`${name}: its schedule ${isPaused ? "is paused" : "goes on"}`);
    return EXIT_CODES.ok;
  }
  requireOpen(store, name);
  if (!store.registry.isExecuted(name)) {
    throw new UserError(
      "run/wrong-state",
      `Cannot ${isPaused ? "pause" : "resume"} run ${name}: no process executes it`,
      {
        hint: `deno task flow -- retry ${name} executes it.`,
      },
    );
  }
  const type = isPaused ? "pause" : "resume";
  store.control.request(name, { type, reason: parsed.flags.get("reason") ?? "" });
  if (parsed.flags.has("json")) terminal.out(JSON.stringify({ runId: name, requested: type }));
  else terminal.out(`${name}: asked to ${type}`);
  return EXIT_CODES.ok;
}

function requireOpen(store: FlowStore, runId: string): void {
  const { state } = requireRun(store.runs, runId);
  if (isTerminal(state)) {
    throw new UserError("run/wrong-state", `Cannot change run ${runId}: it is ${state}`);
  }
}

function report(store: FlowStore, runId: string, parsed: ParsedFlags, terminal: Terminal): number {
  const run = store.runs.find(runId)!;
  if (parsed.flags.has("json")) terminal.out(JSON.stringify(run));
  else terminal.out(`${runId} is ${run.state}`);
  return run.state === "Cancelled" ? EXIT_CODES.ok : EXIT_CODES.failure;
}

async function hasEnded(store: FlowStore, runId: string, graceMs: number): Promise<boolean> {
  const ended = Promise.withResolvers<boolean>();
  const look = () => {
    if (isTerminal(store.runs.find(runId)!.state)) ended.resolve(true);
  };
  const stopWatching = store.onChange(look);
  const timer = setTimeout(() => ended.resolve(false), graceMs);
  look();
  const result = await ended.promise;
  clearTimeout(timer);
  stopWatching();
  return result;
}

/** A killed process is gone when its lock is. */
async function isFree(store: FlowStore, runId: string): Promise<void> {
  while (store.registry.isExecuted(runId)) await new Promise((resolve) => setTimeout(resolve, 10));
}
