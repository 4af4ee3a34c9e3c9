import type { FamilyCommand } from "../command_family.ts";
import { UserError } from "../../base/errors.ts";
import { parseRunId } from "../../base/ids.ts";
import { loadFlow } from "../../flow/load_flow.ts";
import { nextDueMs, type Schedule } from "../../flow/schedule/schedule.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import {
  EXIT_CODES_TEXT,
  JSON_FLAG,
  openStore,
  OUT_FLAG,
  parseFlowFile,
  parseParams,
} from "./flow_command.ts";
import { readSchedule, SCHEDULE_FLAGS, scheduleText } from "./schedule_flags.ts";

const MAX_NAME_LENGTH = 90;

/** `flow deploy`: gives a flow with its arguments a name. */
export const FLOW_DEPLOY: FamilyCommand = {
  brief: "gives a flow with its arguments a name, and maybe a schedule",
  spec: {
    command: "deno task flow -- deploy",
    summary:
      "Gives a flow of a file, with its arguments, a name, under which it is run and scheduled. production and meta\n" +
      'are the flows of these commands: their argument holds flags, as in --params \'{"profile": "large"}\'. Paths are\n' +
      "those of the server's folder; the output goes to the server's, unless \"out\" names another.",
    positionals: ["NAME", "FILE[#EXPORT]|production|meta"],
    flags: [
      {
        name: "params",
        kind: "value",
        placeholder: "JSON",
        help: "Its arguments: one, or an array of all (default: none).",
      },
      ...SCHEDULE_FLAGS,
      OUT_FLAG,
      JSON_FLAG,
    ],
    epilogue: [
      "A schedule needs a server: deno task flow -- serve, or a head: deno task head -- --flows.",
      EXIT_CODES_TEXT,
    ],
  },
  run: async (parsed, terminal) => {
    const [name, file] = parsed.positionals as [string, string];
    if (parseRunId(name).length > MAX_NAME_LENGTH) {
      throw new UserError(
        "command/bad-value",
        `Cannot use ${name} as a name: it is longer than ${MAX_NAME_LENGTH} characters`,
      );
    }
    const { module, exportName } = parseFlowFile(file);
    const loaded = await loadFlow(module, exportName);
    const nowMs = Date.now();
    const deployment = {
      name,
      module,
      exportName: loaded.exportName,
      flowName: loaded.flow.flowName,
      arguments: JSON.stringify(parseParams(parsed.flags.get("params"))),
      schedule: readSchedule(parsed, nowMs) ?? null,
      isPaused: false,
      plannedUntilMs: nowMs,
    };
    using store = openStore(parsed);
    store.deployments.put(deployment);
    const { schedule } = deployment;
    if (parsed.flags.has("json")) terminal.out(JSON.stringify(deployment));
    else terminal.out(`${name} is flow ${deployment.flowName}: ${whenText(schedule, nowMs)}`);
    return EXIT_CODES.ok;
  },
};

/** `flow schedule`: changes when a deployment runs. */
export const FLOW_SCHEDULE: FamilyCommand = {
  brief: "changes when a deployment runs by itself",
  spec: {
    command: "deno task flow -- schedule",
    summary: "Changes when a deployment runs by itself. What was due before is not made up for.",
    positionals: ["NAME"],
    flags: [
      ...SCHEDULE_FLAGS,
      { name: "off", kind: "switch", help: "It runs only when somebody asks for it." },
      OUT_FLAG,
      JSON_FLAG,
    ],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: (parsed, terminal) => {
    const nowMs = Date.now();
    const schedule = readSchedule(parsed, nowMs);
    if ((schedule === undefined) !== parsed.flags.has("off")) {
      throw new UserError(
        "command/missing",
        "Cannot change the schedule: give one of --cron, --every and --off",
      );
    }
    using store = openStore(parsed);
    const found = store.deployments.require(parsed.positionals[0]!);
    const deployment = { ...found, schedule: schedule ?? null, plannedUntilMs: nowMs };
    store.deployments.put(deployment);
    if (parsed.flags.has("json")) terminal.out(JSON.stringify(deployment));
    else terminal.out(`${found.name}: ${whenText(deployment.schedule, nowMs)}`);
    return EXIT_CODES.ok;
  },
};

/** `flow undeploy`: takes a deployment away. */
export const FLOW_UNDEPLOY: FamilyCommand = {
  brief: "takes a deployment away",
  spec: {
    command: "deno task flow -- undeploy",
    summary: "Takes a deployment and its schedule away. Its runs stay, and those under way go on.",
    positionals: ["NAME"],
    flags: [OUT_FLAG, JSON_FLAG],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: (parsed, terminal) => {
    using store = openStore(parsed);
    const { name } = store.deployments.require(parsed.positionals[0]!);
    store.deployments.remove(name);
    terminal.out(parsed.flags.has("json") ? JSON.stringify({ name }) : `${name} is taken away`);
    return EXIT_CODES.ok;
  },
};

function whenText(schedule: Schedule | null, nowMs: number): string {
  if (schedule === null) return scheduleText(null);
  const nextMs = nextDueMs(schedule.rule, nowMs);
  const next = nextMs === undefined ? "never" : new Date(nextMs).toISOString();
  return `${scheduleText(schedule)}; next ${next}`;
}
