import { resolve } from "@std/path";
import { type Fsync, FSYNC_MODES } from "../../cluster/head/fsync.ts";
import { Head } from "../../cluster/head/head.ts";
import type { DashboardOptions } from "../../cluster/head/dashboard/run_source.ts";
import type { NoticeSubject } from "../../cluster/head/notice.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { readPositive } from "./amounts.ts";
import {
  DEFAULT_HEAD_DIR,
  DEFAULT_PORT,
  TOKEN_FILE,
  VIEWER_TOKEN_FILE,
} from "./cluster_address.ts";
import { print, printError, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { readOrMakeToken, tokenFiles, writeViewerToken } from "./head_token.ts";
import { DASHBOARD_TEXT, dashboardUrl } from "./dashboard/dashboard_url.ts";
import { Failover } from "./failover/fail_over.ts";
import { FlowDeployments } from "./dashboard/flow_deployments.ts";
import { FlowRuns } from "./dashboard/flow_runs.ts";
import { resumeRun } from "./dashboard/resume_run.ts";
import { outputFolders } from "../production/run_folder.ts";
import { DEFAULT_OUT } from "./production_arguments.ts";
import { SHARE_RESULTS_FLAG } from "./flow/flow_command.ts";
import { FlowServer } from "./flow/server.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno task head",
  summary:
    "Runs a head: workers join it, clients give it tasks. Its state is in a folder, so that one which was\n" +
    "killed and started again goes on where it was.",
  positionals: [],
  flags: [
    {
      name: "dir",
      kind: "value",
      placeholder: "DIR",
      help: `State and token (default: ${DEFAULT_HEAD_DIR}).`,
    },
    {
      name: "port",
      kind: "value",
      placeholder: "N",
      help: `Port (default: ${DEFAULT_PORT}; 0: a free one).`,
    },
    {
      name: "hostname",
      kind: "value",
      placeholder: "HOST",
      help:
        "Address to listen on (default: 127.0.0.1). What leaves this machine is not encrypted: use a tunnel.",
    },
    {
      name: "max-queued",
      kind: "value",
      placeholder: "N",
      help: "Unfinished tasks at which clients have to wait with more (default: 1000000).",
    },
    {
      name: "max-family",
      kind: "value",
      placeholder: "N",
      help:
        "Unfinished tasks that one task may lead to by what it and they submit (default: 100000).",
    },
    {
      name: "fixed",
      kind: "switch",
      help:
        "No other kinds of workers will come: what none could ever hold fails instead of waiting.",
    },
    {
      name: "fsync",
      kind: "value",
      placeholder: "WHEN",
      help:
        "When the journal is forced onto the disk, for machines that lose their power: always, batch (default) or off.",
    },
    {
      name: "log-format",
      kind: "value",
      placeholder: "FORMAT",
      help: "How its notices are written to standard error: text (default), or json, a line each.",
    },
    {
      name: "runs",
      kind: "value",
      placeholder: "DIR",
      help: `Output folder whose flows the dashboard shows (default: ${DEFAULT_OUT}).`,
    },
    {
      name: "flows",
      kind: "switch",
      help:
        "Also run the schedules of that folder, with this head as the cluster: no flow serve is needed.",
    },
    { ...SHARE_RESULTS_FLAG, help: `With --flows: ${SHARE_RESULTS_FLAG.help}` },
    {
      name: "view-only",
      kind: "switch",
      help: "Nobody can cancel, retry or drain anything through the dashboard.",
    },
    {
      name: "failover",
      kind: "value",
      placeholder: "URL",
      help:
        "Stream its state there, and take over from there: s3://BUCKET/PREFIX, or a folder, absolute. Of several heads\nwith the same URL one serves, the others stand by; head:follow leads to it. All need the same token.",
    },
    { name: "json", kind: "switch", help: "Say where it listens as JSON." },
  ],
  epilogue: [
    DASHBOARD_TEXT,
    "It ends by SIGTERM, Ctrl-C or cluster:stop. Exit codes: 0 ended · 1 failed · 2 bad input.",
  ],
};

async function main({ flags }: ParsedFlags): Promise<number> {
  const stateDir = resolve(flags.get("dir") ?? DEFAULT_HEAD_DIR);
  const tokenFile = `${stateDir}/${TOKEN_FILE}`;
  const token = readOrMakeToken(stateDir, tokenFile);
  const viewerFile = `${stateDir}/${VIEWER_TOKEN_FILE}`;
  writeViewerToken(viewerFile, token);
  const folders = outputFolders(resolve(flags.get("runs") ?? DEFAULT_OUT));
  const onNotice = readLogFormat(flags.get("log-format"));
  const retry = (runId: string) => resumeRun(folders, runId, { url: head.url, tokenFile });
  using runs = new FlowRuns(folders, (runId) => Promise.resolve(retry(runId)));
  using deployments = new FlowDeployments(folders.flowStore, flags.has("flows"), retry);
  const failoverUrl = flags.get("failover");
  await using failover = failoverUrl === undefined
    ? undefined
    : await standBy(failoverUrl, stateDir);
  if (failover === null) return EXIT_CODES.ok;
  await using head = start(stateDir, token, flags, { runs, deployments }, onNotice);
  await using streams = new AsyncDisposableStack();
  const replaced = failover?.lead(head, head.url, streams) ?? new Promise<undefined>(() => {});
  const shared = flags.get(SHARE_RESULTS_FLAG.name);
  const sharing = shared === undefined ? [] : [`--${SHARE_RESULTS_FLAG.name}`, shared];
  // Ended before the head: its runs are cancelled while their cluster is there.
  await using _flows = flags.has("flows")
    ? new FlowServer({
      out: folders.root,
      executionFlags: ["--head", head.url, "--token-file", tokenFile, ...sharing],
      onNotice: (message) => onNotice(message, { level: "info", event: "flow_noticed" }),
    })
    : undefined;
  const address = {
    url: head.url,
    token_file: tokenFile,
    dashboard: dashboardUrl(head.url),
    viewer_token_file: viewerFile,
    pid: Deno.pid,
  };
  print(flags.has("json") ? `${JSON.stringify(address)}\n` : greeting(head.url, tokenFile));
  const reason = await Promise.race([untilSignal(), head.stopRequested, replaced]);
  if (typeof reason !== "string") return EXIT_CODES.ok;
  printError(`The head ends: ${reason}.`);
  return EXIT_CODES.failure;
}

/** Waits for this head's turn.
 * @returns null when a signal came first */
async function standBy(url: string, stateDir: string): Promise<Failover | null> {
  const ending = new AbortController();
  untilSignal().then(() => ending.abort());
  try {
    return await Failover.join(url, stateDir, printError, ending.signal);
  } catch (error) {
    if (ending.signal.aborted) return null;
    throw error;
  }
}

function start(
  stateDir: string,
  token: string,
  flags: ParsedFlags["flags"],
  shown: Pick<DashboardOptions, "runs" | "deployments">,
  onNotice: NoticeWriter,
): Head {
  const hostname = flags.get("hostname") ?? "127.0.0.1";
  const port = readPort(flags.get("port"));
  const maxQueuedTasks = readPositive("max-queued", flags.get("max-queued"), 1_000_000);
  try {
    return new Head({
      stateDir,
      token,
      tokenFiles: tokenFiles(stateDir, `${stateDir}/${TOKEN_FILE}`),
      hostname,
      port,
      maxQueuedTasks,
      fsync: readFsync(flags.get("fsync")),
      limits: {
        failUnschedulable: flags.has("fixed"),
        maxFamilySize: readPositive(
          "max-family",
          flags.get("max-family"),
          100_000,
        ),
      },
      onNotice,
      dashboard: { ...shown, isReadOnly: flags.has("view-only") },
    });
  } catch (cause) {
    if (
      !(cause instanceof Deno.errors.AddrInUse || cause instanceof Deno.errors.AddrNotAvailable)
    ) throw cause;
    throw new UserError(
      "head/cannot-listen",
      `Cannot listen on ${hostname}:${port}: ${errorMessage(cause)}`,
      {
        hint: "Give another --port, or end what listens there.",
        cause,
      },
    );
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new UserError("command/bad-value", `Cannot listen on port ${JSON.stringify(text)}`, {
    hint: "A port is a number from 0 to 65535.",
  });
}

function readFsync(text: string | undefined): Fsync {
  const mode = FSYNC_MODES.find((known) => known === (text ?? FSYNC_MODES[0]));
  if (mode !== undefined) return mode;
  throw new UserError("command/bad-value", `Cannot use --fsync ${JSON.stringify(text)}`, {
    hint: `It is one of ${FSYNC_MODES.join(", ")}.`,
  });
}

function greeting(url: string, tokenFile: string): string {
  const rest = `--head ${url} --token-file ${tokenFile}`;
  return [
    `The head listens at ${url}.`,
    `  join it         deno task worker ${rest}`,
    `  look at it      deno task cluster:status ${rest}`,
    `  watch it        ${dashboardUrl(url)}   (log in with the token in ${tokenFile})`,
    `  run on it       deno task production ${rest}`,
    "",
  ].join("\n");
}

type NoticeWriter = (message: string, subject: NoticeSubject) => void;

/** What writes a notice to standard error. */
function readLogFormat(format = "text"): NoticeWriter {
  const time = () => new Date().toISOString();
  switch (format) {
    case "text":
      return (message) => printError(`${time()} ${message}`);
    case "json":
      return (message, subject) =>
        printError(JSON.stringify({ time: time(), ...subject, message }));
    default:
      throw new UserError(
        "command/bad-value",
        `Cannot use --log-format ${JSON.stringify(format)}`,
        {
          hint: "It is text or json.",
        },
      );
  }
}

if (import.meta.main) await runCommand(COMMAND, main);
