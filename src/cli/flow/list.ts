import type { FamilyCommand } from "../command_family.ts";
import { UserError } from "../../base/errors.ts";
import { nextDueMs } from "../../flow/schedule/schedule.ts";
import type { Deployment } from "../../flow/store/deployments.ts";
import { isTerminal, OPEN_STATES, type RunState } from "../../flow/states.ts";
import type { FlowRunRecord } from "../../flow/store/run_records.ts";
import { readPositive } from "../amounts.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import { EXIT_CODES_TEXT, JSON_FLAG, openStore, OUT_FLAG, withViews } from "./flow_command.ts";
import { scheduleText } from "./schedule_flags.ts";
import { tableLines } from "../table_lines.ts";

const STATES: readonly RunState[] = [
  ...OPEN_STATES,
  "Completed",
  "Cached",
  "Failed",
  "Crashed",
  "TimedOut",
  "Cancelled",
];

/** `flow ls`: lists runs, deployments or limits. */
export const FLOW_LS: FamilyCommand = {
  brief: "lists runs, deployments, limits or notifications",
  spec: {
    command: "deno task flow -- ls",
    summary: "Lists runs, the last made first; or deployments, limits or notifications.",
    positionals: [],
    flags: [
      { name: "flow", kind: "value", placeholder: "NAME", help: "Runs of this flow alone." },
      {
        name: "state",
        kind: "value",
        placeholder: "STATES",
        help: "Runs in these states alone, with commas between; open: all that have not ended.",
      },
      {
        name: "text",
        kind: "value",
        placeholder: "TEXT",
        help: "Runs whose id, flow or parameters contain it.",
      },
      { name: "children", kind: "switch", help: "Also runs that other runs have called." },
      { name: "limit", kind: "value", placeholder: "N", help: "At most so many (default: 20)." },
      { name: "deployments", kind: "switch", help: "List deployments." },
      { name: "limits", kind: "switch", help: "List limits." },
      { name: "notifications", kind: "switch", help: "List notifications; secrets are not shown." },
      OUT_FLAG,
      JSON_FLAG,
    ],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: (parsed, terminal) => {
    const { flags } = parsed;
    const rows = flags.has("deployments")
      ? listDeployments(parsed)
      : flags.has("limits")
      ? listLimits(parsed)
      : flags.has("notifications")
      ? listNotifications(parsed)
      : listRuns(parsed);
    if (flags.has("json")) terminal.out(JSON.stringify(rows.map(({ json }) => json)));
    else if (rows.length === 0) terminal.out("none");
    else tableLines(rows.map(({ cells }) => cells)).forEach((line) => terminal.out(line));
    return EXIT_CODES.ok;
  },
};

interface Row {
  readonly json: unknown;
  readonly cells: readonly string[];
}

type Parsed = Parameters<FamilyCommand["run"]>[0];

function listRuns(parsed: Parsed): Row[] {
  const { flags } = parsed;
  const limit = readPositive("limit", flags.get("limit"), 20);
  const runs = withViews(parsed, (views) =>
    views.list({
      flowName: flags.get("flow"),
      states: readStates(flags.get("state")),
      text: flags.get("text"),
      parentRunId: flags.has("children") ? undefined : null,
      limit,
    }));
  return runs.map((run) => ({
    json: run,
    cells: [
      run.runId,
      run.flowName,
      run.state,
      new Date(run.createdAtMs).toISOString().slice(0, 19),
      elapsedText(run),
      run.reason,
    ],
  }));
}

function listDeployments(parsed: Parsed): Row[] {
  using store = openStore(parsed);
  return store.deployments.list().map((deployment) => ({
    json: deployment,
    cells: [
      deployment.name,
      deployment.flowName,
      deployment.isPaused ? "paused" : "on",
      scheduleText(deployment.schedule),
      nextText(deployment),
      deployment.arguments,
    ],
  }));
}

/** When the schedule makes its next run; "" where it makes none. */
function nextText({ schedule, isPaused }: Deployment): string {
  const nextMs = schedule === null || isPaused ? undefined : nextDueMs(schedule.rule, Date.now());
  return nextMs === undefined ? "" : `next ${new Date(nextMs).toISOString().slice(0, 19)}`;
}

function listLimits(parsed: Parsed): Row[] {
  using store = openStore(parsed);
  return [...store.limits.list()].map(([name, limit]) => ({
    json: { name, ...limit },
    cells: [
      name,
      limit.maxRunning === undefined ? "" : `${limit.maxRunning} at a time`,
      limit.starts === undefined ? "" : `${limit.starts} starts in ${limit.perMs} ms`,
    ],
  }));
}

function listNotifications(parsed: Parsed): Row[] {
  using store = openStore(parsed);
  return store.notifications.list().map(({ name, target, states }) => {
    const where = target.type === "webhook" ? target.url : target.command.join(" ");
    return {
      json: { name, type: target.type, where, states },
      cells: [name, where, states.join(" ")],
    };
  });
}

/** From its start to its end, or until now. */
function elapsedText(run: FlowRunRecord): string {
  if (run.startedAtMs === null) return "";
  const endMs = isTerminal(run.state) ? run.updatedAtMs : Date.now();
  return `${((endMs - run.startedAtMs) / 1000).toFixed(1)} s`;
}

function readStates(text: string | undefined): readonly RunState[] | undefined {
  if (text === undefined) return undefined;
  if (text === "open") return OPEN_STATES;
  return text.split(",").map((name) => {
    const state = STATES.find((known) => known.toLowerCase() === name.trim().toLowerCase());
    if (state !== undefined) return state;
    throw new UserError("command/bad-value", `Cannot list runs in state ${JSON.stringify(name)}`, {
      hint: `A state is one of ${STATES.join(", ")}, or open.`,
    });
  });
}
