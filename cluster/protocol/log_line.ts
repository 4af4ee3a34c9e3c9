import * as shape from "./shapes.ts";

/** A line that a task wrote. */
export interface OutputLine {
  /** Where it wrote it. */
  readonly stream: "stdout" | "stderr";
  /** When the daemon read it: UTC, ISO 8601 with milliseconds. */
  readonly time: string;
  /** The worker that ran the task. */
  readonly node: string;
  /** Counts the lines of a node from 1, so that one that is sent again is recognised. */
  readonly line: number;
  /** The run that the task belongs to. */
  readonly run: string;
  /** The task's id. */
  readonly task: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** What the task does, as its submitter calls it. */
  readonly name: string;
  /** Without its end. */
  readonly text: string;
}

/** What a worker or the head itself has to say to people. */
export interface NoticeLine {
  /** Tells it from what a task wrote. */
  readonly stream: "notice";
  /** When it was said: UTC, ISO 8601 with milliseconds. */
  readonly time: string;
  /** A worker, or `head`. */
  readonly node: string;
  /** Counts the lines of a node from 1. */
  readonly line: number;
  /** For people. */
  readonly text: string;
}

/** A line of the cluster's log, as it is stored and sent: one JSON object. */
export type LogLine = OutputLine | NoticeLine;

/** A line as the head keeps it: `seq` rises from line to line, over restarts of the head too. */
export type StoredLine = LogLine & { readonly seq: number };

/** The lines of one request of a worker take at most so many bytes. */
export const MAX_LOG_BATCH_BYTES = 1024 * 1024;

const MAX_TEXT_LENGTH = 16 * 1024;
const MAX_NAME_LENGTH = 200;

const checkLine = logLineShape();

function logLineShape(): shape.Shape {
  const name = shape.text(MAX_NAME_LENGTH);
  const common = {
    time: shape.text(40),
    node: name,
    line: shape.integer(0),
    text: shape.text(MAX_TEXT_LENGTH),
  };
  const output = shape.fields({
    ...common,
    run: name,
    task: name,
    attempt: shape.integer(0),
    name,
  });
  const notice = shape.fields(common);
  return (value, path) => {
    const stream = (value as { stream?: unknown } | null)?.stream;
    shape.oneOf("stdout", "stderr", "notice")(stream, `${path}.stream`);
    (stream === "notice" ? notice : output)(value, path);
  };
}

/** Reads lines that a worker sent, one JSON object each.
 * @throws {shape.ProtocolError} for anything else, and for lines of another node */
export function parseLogLines(text: string, node: string): LogLine[] {
  return text.split("\n").filter((json) => json !== "").map((json, i) => {
    let line: unknown;
    try {
      line = JSON.parse(json);
    } catch (cause) {
      throw new shape.ProtocolError(`Cannot read line ${i + 1}: it is no JSON`, { cause });
    }
    checkLine(line, `line ${i + 1}`);
    if ((line as LogLine).node !== node) {
      throw new shape.ProtocolError(`Cannot take line ${i + 1}: it is not of node ${node}`);
    }
    return line as LogLine;
  });
}
