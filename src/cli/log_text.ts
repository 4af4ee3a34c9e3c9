import { cyan, dim, green, yellow } from "@std/fmt/colors";
import type { StoredLine } from "../../cluster/client/mod.ts";

/** A line of the log for people: local time, node, task, text. Characters that would move the cursor or change the
 * terminal are shown and not obeyed.
 * @param inColour whether to colour it */
export function renderLogLine(line: StoredLine, inColour: boolean): string {
  const paint = (colour: (text: string) => string, text: string) => inColour ? colour(text) : text;
  const time = paint(dim, clockTime(line.time));
  const node = paint(cyan, shortId(line.node));
  const text = visible(line.text);
  if (line.stream === "notice") return `${time} ${node} ${paint(green, `· ${text}`)}`;
  const attempt = line.attempt > 1 ? `#${line.attempt}` : "";
  const task = paint(dim, `${visible(line.name)}${taskNumber(line.task)}${attempt}`);
  const bar = line.stream === "stderr" ? paint(yellow, "!") : paint(dim, "│");
  return `${time} ${node} ${task} ${bar} ${text}`;
}

function clockTime(time: string): string {
  const date = new Date(time);
  const pad = (value: number, width = 2) => String(value).padStart(width, "0");
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${pad(hours)}:${pad(minutes)}:${pad(seconds)}.${pad(date.getMilliseconds(), 3)}`;
}

/** `worker_01KB3Y…` as `worker…` and its last four characters: enough to tell a few nodes apart. */
function shortId(id: string): string {
  const match = /^([A-Za-z0-9]+)_[0-9A-Z]{22}([0-9A-Z]{4})$/.exec(id);
  return match === null ? visible(id) : `${match[1]}…${match[2]}`;
}

/** The number of a task within its client. */
function taskNumber(taskId: string): string {
  return /\/\d+$/.exec(taskId)?.[0] ?? "";
}

function visible(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\uFFFD";
  });
}
