import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import type {
  FlowRequest,
  FlowRun,
  FlowRunDetail,
  RunFile,
  RunSource,
} from "../../../cluster/head/dashboard/run_source.ts";
import type { LedgerState, RunArtifact } from "../../../cluster/head/dashboard/schemas/runs.ts";
import { readTextIfThere } from "../../base/if_there.ts";
import {
  type ArtifactRecord,
  type FlowRunRecord,
  openFlowStore,
  type OpenRunViews,
  openRunViews,
  type RunViews,
} from "../../flow/mod.ts";
import { verifyLedger } from "../../ledger/mod.ts";
import { type OutputFolders, RunFolder } from "../../production/run_folder.ts";
import { fateOf, flowStages } from "./flow_stages.ts";
import { listRunFiles, openRunFile } from "./run_files.ts";

const MAX_LINES = 200;
/** Of a table that a task left: a page is told all that it shows whenever something changes. */
const MAX_ROWS = 200;
const ENDED = new Set(["Completed", "Cached", "Cancelled", "Failed", "Crashed", "TimedOut"]);
const BAD_ENDS = new Set(["Failed", "Crashed", "TimedOut"]);
const IMAGE_KEY = /^image:(\d+)$/;

/** The flows of an output folder, for a dashboard. The store is opened once there is one, and only read; what did not
 * change is not read again. */
export class FlowRuns implements RunSource, Disposable {
  readonly retry: RunSource["retry"];
  readonly #folders: OutputFolders;
  #open: OpenRunViews | undefined;
  #listed:
    | {
      readonly version: number;
      readonly limit: number;
      readonly runs: readonly { readonly run: FlowRun; readonly ownerPid: number }[];
    }
    | undefined;
  /** Runs that ended stay as they are, until they are resumed. */
  readonly #ended = new Map<string, FlowRun>();
  readonly #found = new Map<string, { readonly version: number; readonly run: FlowRunDetail }>();

  /** @param retry goes on with a run; undefined where nobody can */
  constructor(folders: OutputFolders, retry?: RunSource["retry"]) {
    this.#folders = folders;
    this.retry = retry;
  }

  /** Closes the store. */
  [Symbol.dispose](): void {
    this.#open?.[Symbol.dispose]();
    this.#open = undefined;
  }

  /** The newest runs first. */
  list(limit: number): Promise<readonly FlowRun[]> {
    const views = this.#views();
    if (views === undefined) return Promise.resolve([]);
    const version = views.changeCount();
    if (this.#listed?.version !== version || this.#listed.limit !== limit) {
      const runs = views.list({ limit }).map((record) => ({
        run: this.#runOf(views, record),
        ownerPid: record.ownerPid,
      }));
      this.#listed = { version, limit, runs };
    }
    return Promise.resolve(
      this.#listed.runs.map(({ run, ownerPid }) => ({ ...run, ...crashOf(run, ownerPid) })),
    );
  }

  /** One run with all that its store and its folder have. */
  find(runId: string): Promise<FlowRunDetail | undefined> {
    const views = this.#views();
    const record = views?.find(runId);
    if (views === undefined || record === undefined) return Promise.resolve(undefined);
    const version = views.changeCount();
    const known = this.#found.get(runId);
    // Files come after the last change of the store: those of a run that is shown are always looked at.
    const run = known?.version === version ? known.run : this.#detailOf(views, record);
    if (this.#found.size > MAX_FOUND) this.#found.clear();
    this.#found.set(runId, { version, run });
    const crash = crashOf(run, record.ownerPid, run.stages);
    return Promise.resolve({
      ...run,
      ...crash,
      ...(crash && { error: `Its process ${record.ownerPid} ended before it did` }),
      ...this.#filesOf(run),
    });
  }

  /** A file or an image of a run by its artifact's key. */
  async openFile(runId: string, key: string): Promise<RunFile | undefined> {
    const folder = this.#folderOf(runId);
    const image = IMAGE_KEY.exec(key);
    if (image !== null) return this.#imageOf(runId, Number(image[1]));
    return folder && await openRunFile(folder.path, key);
  }

  /** Verifies the run's ledger. */
  async ledger(runId: string): Promise<LedgerState | undefined> {
    const folder = this.#folderOf(runId);
    if (folder === undefined || !existsSync(folder.ledger)) return undefined;
    const { ok, records, headHash, firstBad, intentsWithoutOutcome } = await verifyLedger(
      folder.ledger,
    );
    const openSteps = intentsWithoutOutcome.length;
    return {
      verdict: !ok ? "broken" : openSteps > 0 ? "open" : "intact",
      records,
      headHash,
      detail: firstBad !== undefined
        ? `Line ${firstBad.line}: ${firstBad.reason}`
        : openSteps > 0
        ? `${openSteps} steps without an outcome`
        : "",
    };
  }

  /** Leaves a request for the process that executes the run. */
  request(runId: string, type: FlowRequest): Promise<void> {
    using store = openFlowStore(this.#folders.flowStore);
    store.control.request(runId, { type, reason: "asked for at the dashboard" });
    return Promise.resolve();
  }

  /** Answers what a run asked. */
  decide(runId: string, name: string, decision: "approved" | "rejected"): Promise<void> {
    using store = openFlowStore(this.#folders.flowStore);
    store.control.decide(runId, name, decision, "at the dashboard", Date.now());
    return Promise.resolve();
  }

  #views(): RunViews | undefined {
    if (this.#open === undefined && existsSync(this.#folders.flowStore)) {
      this.#open = openRunViews(this.#folders.flowStore);
    }
    return this.#open?.views;
  }

  #runOf(views: RunViews, record: FlowRunRecord): FlowRun {
    const { runId, state, updatedAtMs } = record;
    const known = this.#ended.get(runId);
    if (known?.state === state && known.endedAtMs === updatedAtMs) return known;
    const tasks = { done: 0, cached: 0, failed: 0, running: 0, waiting: 0 };
    for (const [taskState, count] of Object.entries(views.taskCounts(runId))) {
      const fate = fateOf(taskState as FlowRunRecord["state"]);
      if (fate !== "cancelled") tasks[fate] += count;
    }
    const isEnded = ENDED.has(state);
    const run: FlowRun = {
      runId,
      name: record.flowName,
      state,
      isEnded,
      startedAtMs: record.startedAtMs ?? record.createdAtMs,
      endedAtMs: isEnded ? updatedAtMs : undefined,
      parentRunId: record.parentRunId ?? undefined,
      tasks,
    };
    if (isEnded) this.#ended.set(runId, run);
    return run;
  }

  #detailOf(views: RunViews, record: FlowRunRecord): FlowRunDetail {
    const { runId, state, reason, execution } = record;
    const taskRuns = views.taskRuns(runId).filter((run) => run.execution === execution);
    return {
      ...this.#runOf(views, record),
      parameters: this.#parametersOf(record),
      error: BAD_ENDS.has(state) && reason !== "" ? reason : undefined,
      stages: flowStages(taskRuns),
      transitions: views.ownTransitions(runId).map(({ atMs, from, to, reason }) => ({
        atMs,
        from: from ?? undefined,
        to,
        reason,
      })),
      artifacts: views.artifacts(runId).map(artifactOf),
      hasLedger: false,
      approvals: views.approvals(runId).map(({ name, prompt, askedAtMs, decision }) => ({
        name,
        prompt,
        askedAtMs,
        decision: decision ?? undefined,
      })),
      lines: views.logs(runId).slice(-MAX_LINES).map(({ atMs, level, message }) => ({
        atMs,
        level,
        text: message,
      })),
    };
  }

  #filesOf({ runId, artifacts }: FlowRunDetail): Pick<FlowRunDetail, "artifacts" | "hasLedger"> {
    const folder = this.#folderOf(runId);
    if (folder === undefined) return { artifacts, hasLedger: false };
    const files = listRunFiles(folder.path).map((file): RunArtifact => ({
      ...file,
      kind: file.key === "report.html" ? "report" : "file",
    }));
    return { artifacts: [...artifacts, ...files], hasLedger: existsSync(folder.ledger) };
  }

  #parametersOf({ runId, arguments: given, parameters }: FlowRunRecord): string {
    const folder = this.#folderOf(runId);
    const config = folder && (readTextIfThere(folder.config) ?? readTextIfThere(folder.metaConfig));
    return config ?? given ?? parameters;
  }

  #imageOf(runId: string, id: number): RunFile | undefined {
    const record = this.#views()?.artifacts(runId).find((artifact) => artifact.id === id);
    if (record?.content.type !== "image") return undefined;
    const bytes = new Uint8Array(Buffer.from(record.content.base64, "base64"));
    return {
      body: ReadableStream.from([bytes]),
      contentType: record.content.mediaType,
      sizeBytes: bytes.length,
    };
  }

  /** Undefined for an id that cannot be that of a folder. */
  #folderOf(runId: string): RunFolder | undefined {
    try {
      return new RunFolder(this.#folders, runId);
    } catch {
      return undefined;
    }
  }
}

const MAX_FOUND = 100;

/** What is known of a run that is stored as open although its process is gone: killed, it could not say so. Only where
 * the system shows its processes as files. */
function crashOf(
  { isEnded, startedAtMs }: FlowRun,
  ownerPid: number,
  stages: FlowRunDetail["stages"] = [],
): Pick<FlowRun, "state" | "isEnded" | "endedAtMs"> | undefined {
  if (isEnded || ownerPid === 0 || !existsSync("/proc/self")) return undefined;
  if (existsSync(`/proc/${ownerPid}`)) return undefined;
  // The last that was heard of it is what its tasks did.
  const lastMs = stages.map((stage) => stage.endedAtMs ?? stage.startedAtMs ?? 0);
  return { state: "Crashed", isEnded: true, endedAtMs: Math.max(startedAtMs, ...lastMs) };
}

function artifactOf({ id, name, taskName, content }: ArtifactRecord): RunArtifact {
  const common = { key: `${id}:${name}`, title: content.title, task: taskName ?? undefined };
  switch (content.type) {
    case "table":
      return {
        ...common,
        kind: "table",
        columns: [...content.columns],
        rows: content.rows.slice(0, MAX_ROWS).map((row) =>
          row.map((cell) => cell === null ? "" : String(cell))
        ),
        rowCount: content.rows.length,
      };
    case "markdown":
      return { ...common, kind: "markdown", text: content.text };
    case "link":
      return { ...common, kind: "link", text: content.url };
    case "progress":
      return { ...common, kind: "progress", fraction: content.fraction };
    case "image":
      return { ...common, kind: "image", key: `image:${id}` };
  }
}
