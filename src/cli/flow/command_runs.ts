import { fromFileUrl, join } from "@std/path";
import { readTextIfThere } from "../../base/if_there.ts";
import { currentRun, flow, runSignal } from "../../flow/mod.ts";
import { currentPlace, PLACE_FLAGS } from "./execution_place.ts";

const module = import.meta.url;

/** Where other processes find these flows. */
export const COMMAND_RUNS: string = module;

/** Flags of a command by name, without the dashes; true stands for one without a value. */
type CommandFlags = Readonly<Record<string, string | number | boolean>>;

/** A run of `deno task production` as a flow: to be deployed, and run by a schedule. */
export const productionRun = flow(
  "production-run",
  (flags: CommandFlags = {}) => runOf("production", flags),
  { module },
);

/** A run of `deno task meta` as a flow. */
export const metaRun = flow(
  "meta-run",
  (flags: CommandFlags = {}) => runOf("meta", flags),
  { module },
);

/** What a run says of itself in its `run.json`. */
interface Summary {
  readonly run_id: string;
  readonly status: string;
}

/** Executes a command in a process of its own, as the run `<run id of the flow>-run` of the same output folder unless
 * the flags name another one, and where the flow's own command computes, unless they say where. One that a crash left is
 * resumed; one that completed is not repeated.
 * @returns its summary
 * @throws {Error} when the command fails, with what it said */
async function runOf(command: "production" | "meta", flags: CommandFlags): Promise<Summary> {
  const current = currentRun();
  if (current === undefined) throw new Error(`Cannot run ${command}: there is no flow run`);
  const out = String(flags["out"] ?? current.folder);
  const runId = `${current.runId}-run`;
  const text = await readTextIfThere(join(out, "runs", runId, "run.json"));
  const left = text === undefined ? undefined : JSON.parse(text) as Summary;
  if (left?.status === "completed") return left;
  const hasPlace = PLACE_FLAGS.some((name) => name in flags);
  const place = hasPlace ? {} : currentPlace();
  const args = left === undefined
    ? { ...place, ...flags, out, "run-id": runId }
    : { ...place, ...onlyPlace(flags), out, resume: runId };
  return await execute(command, argsOf(args));
}

/** A resumed run goes on with what it was started with: only where it computes can be said. */
function onlyPlace(flags: CommandFlags): CommandFlags {
  const names = [...PLACE_FLAGS, "remote", "offline"];
  return Object.fromEntries(Object.entries(flags).filter(([name]) => names.includes(name)));
}

function argsOf(flags: CommandFlags): string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === false ? [] : value === true ? [`--${name}`] : [`--${name}`, String(value)]
  );
}

async function execute(command: string, args: readonly string[]): Promise<Summary> {
  const program = fromFileUrl(new URL(`../${command}.ts`, import.meta.url));
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", program, "--quiet", "--json", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const signal = runSignal();
  const stop = () => process.kill("SIGTERM");
  signal?.addEventListener("abort", stop);
  try {
    const { code, stdout, stderr } = await process.output();
    const decoder = new TextDecoder();
    if (code === 0) return JSON.parse(decoder.decode(stdout));
    throw new Error(
      `Cannot complete deno task ${command} ${args.join(" ")}: it ended with ${code}: ` +
        decoder.decode(stderr).trim().slice(-2000),
    );
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
