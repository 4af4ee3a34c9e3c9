import type { FamilyCommand } from "../command_family.ts";
import { UserError } from "../../base/errors.ts";
import {
  DEFAULT_NOTIFIED_STATES,
  FLOW_STATES,
  type NotificationTarget,
} from "../../flow/notify/notifications.ts";
import type { RunState } from "../../flow/states.ts";
import { readPositive } from "../amounts.ts";
import { parseDurationMs } from "../durations.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import type { ParsedFlags } from "../flags.ts";
import { EXIT_CODES_TEXT, JSON_FLAG, openStore, OUT_FLAG } from "./flow_command.ts";

/** `flow limit`: sets what may run at a time. */
export const FLOW_LIMIT: FamilyCommand = {
  brief: "sets what may run at a time, by tag or flow",
  spec: {
    command: "deno task flow -- limit",
    summary:
      "Sets how many tasks with a tag, or runs of a flow (flow:NAME), may run at a time or start in a while.",
    positionals: ["TAG|flow:NAME"],
    flags: [
      { name: "max", kind: "value", placeholder: "N", help: "How many may run at a time." },
      { name: "starts", kind: "value", placeholder: "N", help: "How many may start within --per." },
      { name: "per", kind: "value", placeholder: "TIME", help: "For instance 1m." },
      { name: "off", kind: "switch", help: "Take the limit away." },
      OUT_FLAG,
      JSON_FLAG,
    ],
    epilogue: [EXIT_CODES_TEXT],
  },
  run: (parsed, terminal) => {
    const [name] = parsed.positionals as [string];
    const { flags } = parsed;
    using store = openStore(parsed);
    if (flags.has("off")) store.limits.remove(name);
    else store.limits.set(name, readLimit(name, flags));
    const limit = store.limits.list().get(name) ?? null;
    if (flags.has("json")) terminal.out(JSON.stringify({ name, limit }));
    else terminal.out(limit === null ? `${name} has no limit` : `${name} is limited`);
    return EXIT_CODES.ok;
  },
};

function readLimit(name: string, flags: ParsedFlags["flags"]) {
  const count = (flag: string) =>
    flags.has(flag) ? readPositive(flag, flags.get(flag), 1) : undefined;
  const [maxRunning, starts] = [count("max"), count("starts")];
  const per = flags.get("per");
  if (
    (maxRunning === undefined && starts === undefined) ||
    (starts === undefined) !== (per === undefined)
  ) {
    throw new UserError(
      "command/missing",
      `Cannot set the limit ${name}: give --max, or --starts with --per, or --off`,
    );
  }
  return { maxRunning, starts, perMs: per === undefined ? undefined : parseDurationMs("per", per) };
}

/** `flow notify`: says who is told of changes of state. */
export const FLOW_NOTIFY: FamilyCommand = {
  brief: "tells an address or a command of changes of state",
  spec: {
    command: "deno task flow -- notify",
    summary:
      "Tells somebody when runs come into certain states: an address, by a request signed with a secret, or a\n" +
      "command, which gets the event as JSON on its standard input.",
    positionals: ["NAME"],
    flags: [
      { name: "url", kind: "value", placeholder: "URL", help: "Where to send requests." },
      {
        name: "secret-env",
        kind: "value",
        placeholder: "VARIABLE",
        help: "The environment variable with the secret that signs them.",
      },
      {
        name: "command",
        kind: "value",
        placeholder: "JSON",
        help: `A program and its arguments, for instance '["notify", "--quiet"]'.`,
      },
      {
        name: "states",
        kind: "value",
        placeholder: "STATES",
        help: `With commas between (default: ${DEFAULT_NOTIFIED_STATES.join(",")}).`,
      },
      { name: "off", kind: "switch", help: "Tell nobody any more under this name." },
      OUT_FLAG,
      JSON_FLAG,
    ],
    epilogue: [
      "Events are sent by a server and at the end of flow run, at least once each; the header tradewind-signature\n" +
      "holds t=<seconds>,v1=<HMAC-SHA256 of `<seconds>.<body>`>.",
      EXIT_CODES_TEXT,
    ],
  },
  run: (parsed, terminal) => {
    const [name] = parsed.positionals as [string];
    const { flags } = parsed;
    using store = openStore(parsed);
    if (flags.has("off")) store.notifications.remove(name);
    else store.notifications.put({ name, target: readTarget(flags), states: readStates(flags) });
    const isOn = store.notifications.list().some((known) => known.name === name);
    if (flags.has("json")) terminal.out(JSON.stringify({ name, on: isOn }));
    else terminal.out(isOn ? `${name} is told` : `${name} is not told`);
    return EXIT_CODES.ok;
  },
};

function readTarget(flags: ParsedFlags["flags"]): NotificationTarget {
  const [url, command] = [flags.get("url"), flags.get("command")];
  if ((url === undefined) === (command === undefined)) {
    throw new UserError(
      "command/missing",
      "Cannot notify: give --url with --secret-env, or --command",
    );
  }
  if (command !== undefined) return { type: "command", command: readCommand(command) };
  if (!/^https?:$/.test(URL.parse(url!)?.protocol ?? "")) {
    throw new UserError(
      "command/bad-value",
      `Cannot send requests to ${JSON.stringify(url)}: it is no address of http(s)`,
    );
  }
  const variable = flags.get("secret-env");
  const secret = variable === undefined ? undefined : Deno.env.get(variable);
  if (secret !== undefined && secret !== "") return { type: "webhook", url: url!, secret };
  throw new UserError("command/missing", "Cannot sign requests: there is no secret", {
    hint: "Put one into an environment variable and name that by --secret-env.",
  });
}

function readCommand(text: string): string[] {
  try {
    const command: unknown = JSON.parse(text);
    const isList = Array.isArray(command) && command.length > 0 &&
      command.every((part) => typeof part === "string");
    if (isList) return command;
  } catch {
    // Said below: it is no list either.
  }
  throw new UserError(
    "command/bad-value",
    `Cannot use --command ${JSON.stringify(text)}: it is no JSON array of texts`,
  );
}

function readStates(flags: ParsedFlags["flags"]): readonly RunState[] {
  const text = flags.get("states");
  if (text === undefined) return DEFAULT_NOTIFIED_STATES;
  return text.split(",").map((name) => {
    const state = FLOW_STATES.find((known) => known.toLowerCase() === name.trim().toLowerCase());
    if (state !== undefined) return state;
    throw new UserError("command/bad-value", `Cannot notify of the state ${JSON.stringify(name)}`, {
      hint: `A state of a flow run is one of ${FLOW_STATES.join(", ")}.`,
    });
  });
}
