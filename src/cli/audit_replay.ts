import type { FamilyCommand, Terminal } from "./command_family.ts";
import { canonicalJson, type Json } from "../base/canonical_json.ts";
import { UserError } from "../base/errors.ts";
import { CONTEXT_COLUMNS } from "../ledger/mod.ts";
import type { RecordedStep } from "../production/replay/recorded_run.ts";
import { type Replay, REPLAYABLE_STEPS, replayRun } from "../production/replay/replay_run.ts";
import {
  isMetaRun,
  REPLAYABLE_META_STEPS,
  replayMetaRun,
} from "../production/replay/replay_meta.ts";
import type { ReplayedStep } from "../production/replay/replay_trail.ts";
import { countFlag, findRunLedger, OUT_FLAG } from "./audit_command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { ParsedFlags } from "./flags.ts";

/** `audit replay`: does decisions again and compares them. */
export const AUDIT_REPLAY: FamilyCommand = {
  brief: "does decisions again and compares them, bit for bit",
  spec: {
    command: "deno task audit replay",
    summary:
      `Does decisions of a run again, with all that they rest on, from the data and the configuration whose hashes the ledger holds, and compares them with it. Steps: ${
        REPLAYABLE_STEPS.join(", ")
      }; of a meta-portfolio: ${REPLAYABLE_META_STEPS.join(", ")}.`,
    positionals: ["RUN_ID"],
    flags: [
      OUT_FLAG,
      { name: "intent", kind: "value", placeholder: "N", help: "This step alone." },
      ...["step", ...CONTEXT_COLUMNS].map((name) => ({
        name,
        kind: "value" as const,
        placeholder: name.toUpperCase(),
        help: `Only steps of this ${name === "step" ? "kind" : name}.`,
      })),
      { name: "json", kind: "switch", help: "Print what was compared as JSON." },
    ],
    epilogue: [
      "Exit codes: 0 all is the same · 1 something differs · 2 the input, or what the run left, is bad.",
    ],
  },
  run: async (parsed, terminal) => {
    const isWanted = wantedSteps(parsed);
    const { runId, out } = await findRunLedger(parsed);
    const replay = isMetaRun(out, runId)
      ? await replayMetaRun(out, runId, isWanted)
      : await replayRun(out, runId, isWanted);
    if (parsed.flags.has("json")) terminal.out(JSON.stringify(replay));
    else printReplay(replay, terminal);
    return replay.steps.every(({ isSame }) => isSame) ? EXIT_CODES.ok : EXIT_CODES.failure;
  },
};

function wantedSteps(parsed: ParsedFlags): (step: RecordedStep) => boolean {
  const { flags } = parsed;
  const intent = countFlag(parsed, "intent");
  const filters = ["step", ...CONTEXT_COLUMNS].filter((name) => flags.has(name));
  if (intent === undefined && filters.length === 0) {
    throw new UserError(
      "command/missing",
      "Cannot replay without --intent N or a filter such as --step optimise",
      {
        hint: "deno task audit query RUN_ID shows the steps.",
      },
    );
  }
  return (recorded) =>
    (intent === undefined || recorded.intent === intent) &&
    filters.every((name) => {
      const value = name === "step"
        ? recorded.step
        : (recorded.context as Readonly<Record<string, Json>> | null)?.[name];
      return String(value) === flags.get(name);
    });
}

function printReplay({ steps, codeChanges }: Replay, terminal: Terminal): void {
  for (const step of steps) {
    const { recorded, isSame } = step;
    const verdict = isSame ? "the same" : "DIFFERS ";
    terminal.out(
      `${verdict}  #${recorded.intent}  ${recorded.step}  ${canonicalJson(recorded.context)}`,
    );
    if (!isSame) { for (const line of differences(step)) terminal.err(`  ${line}`); }
  }
  const differing = steps.filter(({ isSame }) => !isSame).length;
  for (const change of codeChanges) terminal.out(`Other code: ${change}`);
  if (differing > 0) terminal.err(`${differing} of ${steps.length} steps differ from the ledger.`);
  else terminal.out(`${steps.length} steps are the same as in the ledger, to the bit.`);
}

function differences({ recorded, inputs, outputs }: ReplayedStep): string[] {
  const pairs = [["inputs", recorded.inputs, inputs], [
    "outputs",
    recorded.outputs,
    outputs,
  ]] as const;
  return pairs.flatMap(([name, then, now]) => {
    const [before, after] = [canonicalJson(then), canonicalJson(now)];
    return before === after ? [] : [`${name} then: ${before}`, `${name} now:  ${after}`];
  });
}
