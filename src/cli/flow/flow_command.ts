import { join, resolve, toFileUrl } from "@std/path";
import { closestString } from "@std/text/closest-string";
import { errorMessage, UserError } from "../../base/errors.ts";
import { openRunViews } from "../../flow/store/run_views.ts";
import type { FlowRunRecord } from "../../flow/store/run_records.ts";
import { type FlowStore, openFlowStore } from "../../flow/store/flow_store.ts";
import type { RunViews } from "../../flow/store/run_views.ts";
import type { FlagSpec, ParsedFlags } from "../flags.ts";
import { openRemote } from "../open_remote.ts";
import { DEFAULT_OUT } from "../production_arguments.ts";
import { type FlowPlace, ownFlow } from "./deployable_flows.ts";

/** Where the store is. */
export const OUT_FLAG: FlagSpec = {
  name: "out",
  kind: "value",
  placeholder: "DIR",
  help: `The output folder, with the store of flows in it (default: ${DEFAULT_OUT}).`,
};

/** Prints JSON instead of text. */
export const JSON_FLAG: FlagSpec = { name: "json", kind: "switch", help: "Print JSON." };

/** What every command ends with. */
export const EXIT_CODES_TEXT = "Exit codes: 0 ok · 1 failed · 2 bad input.";

/** The output folder that the flags name. */
export function outOf({ flags }: ParsedFlags): string {
  return resolve(flags.get("out") ?? DEFAULT_OUT);
}

/** Where results are shared. */
export const SHARE_RESULTS_FLAG: FlagSpec = {
  name: "share-results",
  kind: "value",
  placeholder: "URL",
  help:
    "Keep results there, too, and take from there what another machine computed: s3://BUCKET/PREFIX, or a folder.",
};

/** Opens the store that the flags name, for writing. */
export function openStore(parsed: ParsedFlags): FlowStore {
  return openFlowStore(join(outOf(parsed), "flow.db"));
}

/** Lets `use` execute runs of the store that the flags name, with the place where results are shared. */
export async function withExecutingStore<R>(
  parsed: ParsedFlags,
  use: (store: FlowStore) => Promise<R>,
): Promise<R> {
  const url = parsed.flags.get(SHARE_RESULTS_FLAG.name);
  await using remote = url === undefined ? undefined : await openRemote(url);
  using store = openFlowStore(join(outOf(parsed), "flow.db"), { sharedResults: remote?.store });
  return await use(store);
}

/** Lets `use` look at the store that the flags name. Before that, what dead processes left is found out. */
export function withViews<R>(parsed: ParsedFlags, use: (views: RunViews) => R): R {
  const path = join(outOf(parsed), "flow.db");
  {
    using reader = openRunViews(path);
    if (reader.views.listOpen().length === 0) return use(reader.views);
  }
  using store = openFlowStore(path);
  store.registry.crashDead(Date.now());
  return use(store.runs);
}

/** The run of an id.
 * @throws {UserError} when there is none, with the nearest one */
export function requireRun(views: RunViews, runId: string): FlowRunRecord {
  const run = views.find(runId);
  if (run !== undefined) return run;
  const ids = views.list({ limit: 1000 }).map((known) => known.runId);
  throw new UserError("run/not-found", `Cannot find the run ${runId}`, {
    hint: ids.length === 0
      ? "There are no runs yet."
      : `The nearest one is ${closestString(runId, ids)}.`,
  });
}

/** A file of the user's, with the name of an export behind a `#` or without, as a URL and that name; or the name of one
 * of our own flows. */
export function parseFlowFile(text: string): FlowPlace {
  const ours = ownFlow(text);
  if (ours !== undefined) return ours;
  const at = text.indexOf("#");
  const path = at < 0 ? text : text.slice(0, at);
  const module = /^[a-z]+:\/\//.test(path) ? path : toFileUrl(resolve(path)).href;
  return { module, exportName: at < 0 ? undefined : text.slice(at + 1) };
}

/** The arguments of a flow: a JSON array holds all of them, anything else is the only one; none without the flag.
 * @throws {UserError} for what is no JSON */
export function parseParams(text: string | undefined): unknown[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch (cause) {
    throw new UserError(
      "command/bad-value",
      `Cannot use --params ${JSON.stringify(text)}: ${errorMessage(cause)}`,
      {
        hint: `It takes JSON, for instance '{"days": 30}', or '[1, 2]' for two arguments.`,
        cause,
      },
    );
  }
}
