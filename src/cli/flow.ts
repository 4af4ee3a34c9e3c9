import { type CommandFamily, PROCESS_TERMINAL, runFamily } from "./command_family.ts";
import { FLOW_APPROVE, FLOW_CANCEL, FLOW_PAUSE, FLOW_RESUME } from "./flow/control.ts";
import { FLOW_DEPLOY, FLOW_SCHEDULE, FLOW_UNDEPLOY } from "./flow/deploy.ts";
import { FLOW_LS } from "./flow/list.ts";
import { FLOW_LIMIT, FLOW_NOTIFY } from "./flow/rules.ts";
import { FLOW_RETRY, FLOW_RUN } from "./flow/run.ts";
import { FLOW_SERVE } from "./flow/serve.ts";
import { FLOW_LOGS, FLOW_SHOW } from "./flow/show.ts";

/** The command `flow`. */
export const FLOW: CommandFamily = {
  name: "flow",
  takes: "[arguments] [flags]",
  purpose: "Runs flows, by hand and by schedule, and shows and steers their runs.",
  commands: {
    deploy: FLOW_DEPLOY,
    schedule: FLOW_SCHEDULE,
    undeploy: FLOW_UNDEPLOY,
    run: FLOW_RUN,
    ls: FLOW_LS,
    show: FLOW_SHOW,
    logs: FLOW_LOGS,
    cancel: FLOW_CANCEL,
    retry: FLOW_RETRY,
    pause: FLOW_PAUSE,
    resume: FLOW_RESUME,
    approve: FLOW_APPROVE,
    limit: FLOW_LIMIT,
    notify: FLOW_NOTIFY,
    serve: FLOW_SERVE,
  },
};

if (import.meta.main) Deno.exit(await runFamily(FLOW, Deno.args, PROCESS_TERMINAL));
