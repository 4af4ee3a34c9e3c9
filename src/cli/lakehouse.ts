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
import { progressLine } from "./lakehouse/progress_line.ts";

/** The command `lakehouse`. */
export const LAKEHOUSE: CommandFamily = {
  name: "lakehouse",
  takes: "[arguments] [flags]",
  purpose: "Looks after tables in versions, in a folder or in S3.",
  commands: {
    ls: withProgress(LS),
    show: withProgress(SHOW),
    schema: withProgress(SCHEMA),
    head: withProgress(HEAD),
    diff: withProgress(DIFF),
    verify: withProgress(VERIFY),
    sync: withProgress(SYNC),
    gc: withProgress(GC),
    import: withProgress(IMPORT),
    export: withProgress(EXPORT),
  },
};

function withProgress({ spec, brief, run }: LakehouseCommand): FamilyCommand {
  return {
    spec,
    brief,
    run: (parsed, terminal) => {
      const progress = progressLine(parsed.flags.has("json"));
      return run({ ...parsed, terminal, progress });
    },
  };
}

if (import.meta.main) Deno.exit(await runFamily(LAKEHOUSE, Deno.args, PROCESS_TERMINAL));
