import { systemClock } from "../base/clock.ts";
import {
  type CommandFamily,
  type FamilyCommand,
  PROCESS_TERMINAL,
  runFamily,
} from "./command_family.ts";
import { EXPORT, IMPORT } from "./lakehouse/exchange.ts";
import { DIFF, HEAD, LS, SCHEMA, SHOW } from "./lakehouse/inspect.ts";
import type { LakehouseCommand } from "./lakehouse/lakehouse_command.ts";
import { GC, SYNC, VERIFY } from "./lakehouse/maintain.ts";
import { reportStage } from "./progress/report_stage.ts";
import { openStderrDisplay } from "./progress/stderr_display.ts";

/** The command `lakehouse`. */
export const LAKEHOUSE: CommandFamily = {
  name: "lakehouse",
  takes: "[arguments] [flags]",
  purpose: "Looks after tables in versions, in a folder or in S3.",
  commands: {
    ls: withDisplay(LS),
    show: withDisplay(SHOW),
    schema: withDisplay(SCHEMA),
    head: withDisplay(HEAD),
    diff: withDisplay(DIFF),
    verify: withDisplay(VERIFY),
    sync: withDisplay(SYNC),
    gc: withDisplay(GC),
    import: withDisplay(IMPORT),
    export: withDisplay(EXPORT),
  },
};

function withDisplay({ spec, brief, run }: LakehouseCommand): FamilyCommand {
  return {
    spec,
    brief,
    run: (parsed, terminal) =>
      run({
        ...parsed,
        terminal,
        withProgress: async (stage, work) => {
          const quiet = parsed.flags.has("json") || terminal !== PROCESS_TERMINAL;
          using reporter = openStderrDisplay({ quiet, clock: systemClock });
          return await reportStage({ reporter, clock: systemClock }, stage, work, () => "");
        },
      }),
  };
}

if (import.meta.main) Deno.exit(await runFamily(LAKEHOUSE, Deno.args, PROCESS_TERMINAL));
