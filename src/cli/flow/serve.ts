import type { FamilyCommand } from "../command_family.ts";
import { HEAD_FLAGS } from "../cluster_address.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import { untilSignal } from "../until_signal.ts";
import { PLACE_FLAGS } from "./execution_place.ts";
import { OUT_FLAG, outOf, SHARE_RESULTS_FLAG } from "./flow_command.ts";
import { FlowServer } from "./server.ts";

/** `flow serve`: runs schedules. */
export const FLOW_SERVE: FamilyCommand = {
  brief: "runs schedules, goes on with what crashed, tells who wants to know",
  spec: {
    command: "deno task flow -- serve",
    summary:
      "Makes the runs of deployments when they are due and executes each in a process of its own; goes on with\n" +
      "runs of deployments whose process died; sends notifications.",
    positionals: [],
    flags: [
      {
        name: "workers",
        kind: "value",
        placeholder: "N",
        help: "Of each run, on this machine (default: cores).",
      },
      ...HEAD_FLAGS,
      SHARE_RESULTS_FLAG,
      OUT_FLAG,
    ],
    epilogue: [
      "It ends by SIGTERM or Ctrl-C, which cancels what it executes. Exit codes: 0 ended · 2 bad input.",
    ],
  },
  run: async (parsed, terminal) => {
    const executionFlags = [...PLACE_FLAGS, SHARE_RESULTS_FLAG.name].flatMap((name) => {
      const value = parsed.flags.get(name);
      return value === undefined ? [] : [`--${name}`, value];
    });
    const onNotice = (message: string) => terminal.err(`${new Date().toISOString()} ${message}`);
    await using _server = new FlowServer({ out: outOf(parsed), executionFlags, onNotice });
    terminal.out(`serving the flows of ${outOf(parsed)}`);
    await untilSignal();
    return EXIT_CODES.ok;
  },
};
